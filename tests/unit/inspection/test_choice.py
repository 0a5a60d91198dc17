"""Which test utterance a figure draws where it names none."""

from pathlib import Path

import numpy as np

from serflow.inspection.choice import Choice


def index(names, probabilities, classes, wanted):
    return Choice(Path("split.json"), fold=1, figure={"class": wanted}).index(names, np.array(probabilities), classes)


def test_the_utterance_that_is_drawn_has_the_highest_probability_of_those_that_are_right():
    names = ["clip021", "clip020", "clip022", "clip023"]
    right = [[0.1, 0.9], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]]
    assert index(names, right, ["angry", "sad"], "sad") == 0
    more_sure_but_wrong = [[0.3, 0.32, 0.38], [0.36, 0.33, 0.31], [0.35, 0.34, 0.31]]
    assert index(names[:3], more_sure_but_wrong, ["a", "b", "c"], "b") == 2  # none is right
    one_right = [[0.50, 0.49, 0.01], [0.30, 0.40, 0.30]]
    assert index(names[:2], one_right, ["a", "b", "c"], "b") == 1
