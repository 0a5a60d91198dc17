"""Paths under data/, results/ and reports/: of values, and of a rule's wildcards."""

import re

from helpers import ROOT
from serflow import paths
from serflow.provenance.run_key import RunKey

KEY = ("demo", "paper", "xu2020", "improvised", "acnn", "random10")


def test_a_run_stands_where_its_key_says():
    folder = "results/demo/paper/xu2020/improvised/acnn/random10/fold3/seed2"
    run = RunKey(*KEY, 3, 2)
    assert run.folder == folder == str(paths.run_beside(run.runs_file, 2))
    assert paths.maps_folder(folder, "spoken", 2) == f"{folder}/maps/spoken_p2"


def test_wildcards_make_the_pattern_that_a_key_fits():
    *place, seed = (f"{{{name}}}" for name in RunKey.__dataclass_fields__)
    pattern = paths.runs_file(*place)
    assert pattern == "results/{corpus}/{preset}/{paper}/{experiment}/{system}/{split}/fold{fold}/runs.json"
    assert pattern.format(**RunKey(*KEY, 3, 2).key) == RunKey(*KEY, 3, 2).runs_file
    assert str(paths.run_beside(pattern, seed)).format(**RunKey(*KEY, 3, 2).key) == RunKey(*KEY, 3, 2).folder


def test_a_fold_is_called_by_its_split_and_number():
    assert RunKey(*KEY, 3, 2).fold_name == "random10/fold3"


def test_a_table_and_its_fingerprint_stand_beside_each_other():
    corpus, view = paths.CorpusPaths("demo"), paths.ViewPaths("demo", "xu2020", "improvised")
    pairs = [
        (corpus.manifest, corpus.manifest_fingerprint),
        (view.utterances, view.fingerprint),
        (view.fold_table("random10"), view.split("random10")),
        (view.words("transcripts"), view.words_fingerprint("transcripts")),
    ]
    assert [table.removesuffix(".parquet") for table, _ in pairs] == [path.removesuffix(".json") for _, path in pairs]
    assert view.folder == "data/demo/xu2020/improvised"
    assert view.features("mfcc") == f"{view.folder}/features/mfcc.json"
    assert corpus.store("mfcc") == "data/demo/features/mfcc"


def test_no_two_kinds_of_content_share_a_path():
    corpus = paths.CorpusPaths("demo")
    files = [corpus.release, corpus.release_fingerprint, corpus.manifest, corpus.manifest_fingerprint, corpus.findings]
    place = ("demo", "paper", "xu2020", "improvised", "random10")
    files += [corpus.audio, paths.scores_folder(*place), paths.asr_folder(*place), paths.report_folder("demo", "paper")]
    assert len(set(files)) == len(files)


def test_no_other_module_and_no_rule_spells_a_path_of_data_results_or_reports():
    """Save one in a message: an example of a run, in `serflow predict`."""
    spelt = re.compile(r"""["'](data|results|reports)/""")
    files = [*(ROOT / "src").rglob("*.py"), *(ROOT / "workflow/rules").glob("*.smk"), ROOT / "workflow/Snakefile"]
    found = {path.name for path in files if spelt.search(path.read_text(encoding="utf-8"))}
    assert found == {"paths.py", "prediction.py"}
