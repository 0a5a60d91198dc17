"""Classes of papers on a corpus that has other labels: which labels make them, their names, and why there are none."""

from serflow.corpora.classes import class_names, unmade, wanted_labels

FOUR = {"angry": ["angry"], "sad": ["sad"], "excited": ["excited"], "neutral": ["neutral"]}
MERGED = {"happy": ["happy", "excited"], "sad": ["sad"]}


def corpus(*labels, **stand_ins):
    return {"labels": {label[0]: label for label in labels}, "missing_labels": stand_ins}


def test_a_class_is_made_of_what_stands_in():
    assert wanted_labels(MERGED, {"excited": "happy"}) == {"happy": ["happy"], "sad": ["sad"]}


def test_a_class_is_called_what_stands_in_for_all_of_it():
    assert class_names(FOUR, {"excited": "happy"})["excited"] == "happy"
    assert class_names(FOUR, {})["excited"] == "excited"
    assert class_names(MERGED, {"excited": "happy"}) == {"happy": "happy", "sad": "sad"}
    assert class_names(MERGED, {"excited": "joy"})["happy"] == "happy"  # of both
    assert class_names(MERGED, {"excited": "joy", "happy": "joy"})["happy"] == "joy"


def test_no_two_classes_are_called_alike():
    assert class_names({"happy": ["surprised"], "excited": ["excited"]}, {"excited": "happy"})["excited"] == "excited"


def test_a_corpus_without_a_label_cannot_give_its_class():
    assert unmade(FOUR, corpus("angry", "sad", "happy", "neutral", excited="happy")) is None
    told = "has no label for class excited; its labels are angry, sad, neutral, calm"
    assert unmade(FOUR, corpus("angry", "sad", "neutral", "calm")) == told
    told = "has no label for classes happy (happy or excited), sad; its labels are calm"
    assert unmade(MERGED, corpus("calm")) == told
    assert unmade(MERGED, corpus("happy", "sad")) is None  # one of its labels is enough


def test_one_label_cannot_be_two_classes():
    told = unmade({"happy": ["happy"], "excited": ["excited"]}, corpus("happy", "sad", excited="happy"))
    assert told == "has one label, happy, for both classes happy and excited"
