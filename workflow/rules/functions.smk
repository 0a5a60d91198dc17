# What rules ask the plan for: input files and parameters by wildcards. Snakemake calls them; nothing is decided here.
import subprocess
import tomllib


def code(*modules):
    """What a job imports, as one small input that changes with any of these source files."""
    return code_fingerprint(*modules)


def release_folder(wildcards):
    """Folder of the release."""
    return str(WORKFLOW.release)


def spec_of(wildcards):
    """The resolved spec of a run."""
    return PLAN.systems[wildcards.paper].spec(wildcards.system, wildcards.experiment)


def split_fingerprint(wildcards):
    """A checkpoint's output: what follows runs again only where its content changed."""
    return checkpoints.split.get(corpus=CORPUS, **_only(wildcards, "paper", "experiment", "split")).output.fingerprint


def features_fingerprint(wildcards):
    """Digest of the features of a view; none for a system without features."""
    features = spec_of(wildcards)["features"]
    if features is None:
        return []
    place = _only(wildcards, "paper", "experiment")
    return checkpoints.fingerprint.get(corpus=CORPUS, features=features, **place).output[0]


def store(wildcards):
    """The feature store: it must be there, but what decides about a rerun is its fingerprint alone."""
    features = spec_of(wildcards)["features"]
    return [] if features is None else ancient(f"data/{CORPUS}/features/{features}/store.json")


def device(wildcards):
    """The configured device for what trains in epochs; the CPU for the rest."""
    return config["device"] if "train" in spec_of(wildcards)["parameters"] else "cpu"


def scored_features(wildcards):
    """Fingerprints of all features that the scored systems read."""
    place = _only(wildcards, "paper", "experiment")
    names = REPORT.features_scored(wildcards.paper, wildcards.experiment, wildcards.split)
    return [checkpoints.fingerprint.get(corpus=CORPUS, features=name, **place).output[0] for name in names]


def _only(wildcards, *names):
    return {name: getattr(wildcards, name) for name in names}


def audio_fingerprint(wildcards):
    """Digest of all audio: a changed label or transcript extracts nothing anew."""
    return checkpoints.accept.get().output.audio


def train_code(wildcards):
    """Source of the loop, and of the learner and model that the spec names."""
    return code("serflow.cli.train", *PLAN.systems[wildcards.paper].modules(wildcards.system))


def job_of(wildcards):
    """The run key, the resolved spec and the modules that it names, as JSON: one parameter, compared whole."""
    run = dict(wildcards) | {"corpus": CORPUS, "preset": PRESET}
    run |= {name: int(run[name]) for name in ("fold", "seed")}
    modules = PLAN.systems[wildcards.paper].modules(wildcards.system)
    return canonical_json({"run": run, "spec": spec_of(wildcards), "modules": modules})


def runs_to_score(wildcards):
    """Predictions of all configured runs of one (paper, experiment, split)."""
    runs = REPORT.runs_scored(wildcards.paper, wildcards.experiment, wildcards.split)
    return [file for run in runs for file in predictions(run.folder)]


def predictions(folder):
    """What a run predicted: it enters by its run.json, small enough to be compared by content."""
    return [f"{folder}/run.json", ancient(f"{folder}/predictions.parquet")]


def systems_to_score(wildcards):
    """System -> digest of the spec, folds and seeds, as JSON."""
    return canonical_json(REPORT.scored(wildcards.paper, wildcards.experiment, wildcards.split))


def table_scores(wildcards):
    """Scores that a table shows."""
    folders = REPORT.scores_of(REPORT.table(wildcards.paper, wildcards.item))
    return [f"{folder}/{name}.csv" for folder in folders for name in ("scores", "pairs")]


def figure_files(wildcards):
    """What a figure is drawn from: scores, the manifest, histories, an attention map."""
    spec = REPORT.figure(wildcards.paper, wildcards.item)
    wanted = {"sweep": ["scores"], "confusion": ["confusion"], "training_curves": ["runs"]}.get(spec["kind"], [])
    files = [f"{folder}/{name}.csv" for folder in REPORT.scores_of(spec) for name in wanted]
    runs = [run for panel in spec.get("panels", []) for run in panel.get("runs", [])]
    files += [file for run in runs for file in [f"{run['folder']}/history.csv", *predictions(run["folder"])]]
    manifest = [f"data/{CORPUS}/manifest.json"] if "manifest" in spec else []
    return files + manifest + ([spec["attention"]] if "attention" in spec else [])


def figure_kind(wildcards):
    """Source of the figure's kind."""
    kind = WORKFLOW.papers[wildcards.paper]["figures"][wildcards.item]["kind"]
    return code("serflow.cli.figure", f"serflow.reporting.figures.{kind}")


def report_items(wildcards):
    """Every table and figure of the present configuration."""
    files = []
    for paper in WORKFLOW.papers:
        folder = f"{REPORT.folder}/{paper}"
        files += [f"{folder}/{item}.csv" for item in REPORT.tables(paper)]
        files += [f"{folder}/{item}{suffix}" for item in REPORT.figures(paper) for suffix in (".svg", ".txt")]
    return files


def code_version():
    """Version and commit, as the report's first page states them."""
    with open("pyproject.toml", "rb") as file:
        version = tomllib.load(file)["project"]["version"]
    try:
        git = subprocess.run(["git", "describe", "--always", "--dirty", "--exclude=*"], capture_output=True, text=True)
    except OSError:  # no git here
        return version
    return f"{version} ({git.stdout.strip()})" if git.returncode == 0 else version


def attention_place(wildcards):
    """Where the run of an attention figure stands."""
    return REPORT.attention_run(wildcards.paper, wildcards.item)
