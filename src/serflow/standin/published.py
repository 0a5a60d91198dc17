"""The published counts of IEMOCAP, counted from its public label lists: what a scaled stand-in follows.

Labels by session and by style are known for all eleven labels; labels by session *and* style, and by true
speaker, for the five main classes only. `serflow.standin.allocation` joins the tables into one.
"""

MAIN = ("ang", "hap", "exc", "sad", "neu")
LABELS = (*MAIN, "fru", "fea", "sur", "dis", "oth", "xxx")
STYLES = ("improvised", "scripted")
SESSIONS = (1, 2, 3, 4, 5)
SEXES = ("F", "M")
TURNS = 10039

BY_SESSION = {
    1: (229, 135, 143, 194, 384, 280, 12, 25, 1, 1, 415),
    2: (137, 117, 210, 197, 362, 325, 9, 17, 0, 1, 436),
    3: (240, 135, 151, 305, 320, 382, 2, 28, 1, 0, 572),
    4: (327, 65, 238, 143, 258, 481, 7, 19, 0, 1, 564),
    5: (170, 143, 299, 245, 384, 381, 10, 18, 0, 0, 520),
}
BY_STYLE = {
    "improvised": (289, 284, 663, 608, 1099, 971, 8, 60, 1, 1, 800),
    "scripted": (814, 311, 378, 476, 609, 878, 32, 47, 1, 2, 1707),
}
IMPROVISED_BY_SESSION = {
    1: (62, 33, 99, 104, 223),
    2: (22, 54, 137, 100, 217),
    3: (90, 60, 89, 190, 198),
    4: (84, 31, 164, 81, 174),
    5: (31, 106, 174, 133, 287),
}
FEMALE_BY_SESSION = {
    1: (147, 69, 63, 78, 171),
    2: (67, 70, 96, 113, 135),
    3: (92, 80, 48, 172, 130),
    4: (205, 31, 154, 62, 76),
    5: (78, 77, 82, 132, 221),
}
