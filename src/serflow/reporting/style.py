"""One look for all figures: sizes in inches at print scale, and the colours of Okabe and Ito."""

TEXT_WIDTH = 6.3  # the report's text block; figures print at their own size

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#6E6E6E"
LIGHT_BLUE = "#9CC9E3"
METRIC_MARKS = {"wa": (BLUE, "o", "-"), "ua": (ORANGE, "s", "--")}

STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 7,
    "axes.titlesize": 7.5,
    "axes.titlelocation": "left",
    "axes.labelsize": 7,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "lines.linewidth": 1.1,
    "lines.markersize": 3.5,
    "legend.frameon": False,
    "legend.fontsize": 6.5,
    "text.parse_math": False,  # a name or a word may hold $
    "figure.constrained_layout.use": True,
    "pdf.fonttype": 42,
}
