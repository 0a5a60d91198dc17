"""Predictions from elsewhere in a finished project: scored, tabled and audited; taken away, all is as before."""

import subprocess
import sys

import pandas as pd

from serflow.files import file_digest

SCORES = "results/demo/demo/xu2020/improvised/scores/random5"
TABLE = "reports/demo-demo/xu2020/table3.csv"


def serflow(project, *arguments, check=True):
    command = [sys.executable, "-m", "serflow.cli.serflow", *arguments]
    environment = {"PYTHONPATH": "src", "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=project.folder, env=environment, text=True, capture_output=True)
    assert not check or done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def predictions(folder, folds):
    """What acnn predicts of each fold after its last epoch."""
    found = []
    for fold in folds:
        path = f"results/demo/demo/xu2020/improvised/acnn/random5/fold{fold}/seed1/predictions.parquet"
        table = pd.read_parquet(folder / path)
        found.append(table[(table["part"] == "test") & (table["epoch"] == table["epoch"].max())].assign(fold=fold))
    table = pd.concat(found).assign(seed=1)
    return table[["utterance", "fold", "seed", *(name for name in table if name.startswith("p_"))]]


def test_it_is_scored_tabled_audited_and_taken_away(project):
    folder, before = project.folder, file_digest(project.folder / TABLE)
    place = ("--paper", "xu2020", "--experiment", "improvised", "--protocol", "as_published")
    serflow(project, "folds", "--export", "folds", *place)
    assert pd.read_csv(folder / "folds/demo_xu2020_improvised_random5.csv")["fold"].nunique() == 5
    predictions(folder, (1, 2)).to_csv(folder / "mine.csv", index=False)
    serflow(project, "score", "mine.csv", "--as", "mine", "--title", "Mine", *place)
    done = project.done()
    assert {"score_runs", "table", "findings", "pdf"} <= done.keys()
    shown = {"table", "findings", "digests", "pdf", "web_page", "figure"}
    assert done.keys() <= {"score_runs", "contrast", "all", *shown}, "nothing is trained"
    scores = pd.read_csv(folder / SCORES / "scores.csv").query("select == 'last'").set_index(["system", "metric"])
    for column in ("pooled", "low_speakers", "high_speakers", "utterances"):
        pd.testing.assert_series_equal(scores.loc["mine", column], scores.loc["acnn", column])
    assert "Mine (given)" in set(pd.read_csv(folder / TABLE)["name"])
    assert not project.planned().keys() - {"all"}
    assert "no MISMATCH" in serflow(project, "audit", "xu2020/table3/given_mine")
    assert "no MISMATCH" in serflow(project, "audit", "findings")

    stored = folder / "results/demo/given/mine/xu2020/improvised/random5/predictions.parquet"
    table = pd.read_parquet(stored)
    table.assign(p_sad=table["p_angry"], p_angry=table["p_sad"]).to_parquet(stored, index=False)
    printed = serflow(project, "audit", "xu2020/table3/given_mine/ua@as_published", check=False)
    assert f"MISMATCH  predictions: {stored.relative_to(folder)}, taken from mine.csv" in printed
    project.snakemake(TABLE)
    line = pd.read_csv(folder / TABLE).query("item == 'xu2020/table3/given_mine/ua' and protocol == 'as_published'")
    assert line["reproduced"].isna().all() and "was changed after it was stored" in line["note"].iloc[0]

    serflow(project, "score", "--remove", "mine")
    project.snakemake(TABLE)
    assert file_digest(folder / TABLE) == before
