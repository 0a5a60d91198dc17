"""The fingerprint of a view's features."""

import pandas as pd
import pytest

from serflow.cli import fingerprint as command
from serflow.errors import UserError
from serflow.features.fingerprint import fingerprint
from serflow.files import read_json

FRAMES = {"a": [[1, 2]], "b": [[3, 4], [5, 6]], "c": [[7, 8]]}


def test_a_changed_utterance_changes_only_the_views_that_hold_it(make_store):
    before, after = make_store(FRAMES), make_store(FRAMES | {"b": [[3, 4], [5, 0]]}, name="changed")
    digests = [fingerprint(view, store)["digest"] for view in ("ab", "ac") for store in (before, after)]
    assert digests[0] != digests[1]
    assert digests[2] == digests[3]


def test_order_does_not_count_but_membership_does(make_store):
    store = make_store(FRAMES)
    assert fingerprint("ab", store) == fingerprint("ba", store)
    assert fingerprint("ab", store)["digest"] != fingerprint("abc", store)["digest"]


def test_frames_swapped_between_two_utterances_are_noticed(make_store):
    swapped = make_store({"a": FRAMES["c"], "b": FRAMES["b"], "c": FRAMES["a"]}, name="swapped")
    assert fingerprint("ac", make_store(FRAMES))["digest"] != fingerprint("ac", swapped)["digest"]


def test_an_utterance_that_the_store_lacks_is_named(make_store):
    with pytest.raises(UserError, match=r"no features of 1 of the view's 2 utterances \(z\)"):
        fingerprint("az", make_store(FRAMES))


def test_the_command_writes_name_digest_count_and_shape(make_store, tmp_path):
    store = make_store(FRAMES, name="mfcc13")
    pd.DataFrame({"utterance": ["a", "c"], "class": ["x", "y"]}).to_parquet(tmp_path / "view.parquet")
    output = tmp_path / "mfcc13.json"
    command.main(["--view", str(tmp_path / "view.parquet"), "--store", str(store.folder), "--output", str(output)])
    written = read_json(output)
    assert len(written.pop("digest")) == 64
    assert written == {"features": "mfcc13", "utterances": 2, "dims": 2, "hop_seconds": 0.01}
