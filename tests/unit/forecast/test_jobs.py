"""Jobs by rule and paper, out of what a dry run of Snakemake prints."""

from serflow.forecast.jobs import OF_NONE, listed_jobs

PRINTED = """\
Building DAG of jobs...
Job stats:
job         count
--------  -------
train           2
total           5

[Sat Nov 28 23:15:49 2026]
rule train:
    input: data/x/paper=no.json
    jobid: 4
    wildcards: paper=xu2020, experiment=full
    resources: tmpdir=/tmp
[Sat Nov 28 23:15:49 2026]
rule train:
    jobid: 5
    wildcards: item=a, paper=zhao2021
    resources: tmpdir=/tmp

[Sat Nov 28 23:15:49 2026]
checkpoint accept:
    jobid: 7
    resources: tmpdir=/tmp
DAG of jobs will be updated after completion.
[Sat Nov 28 23:15:49 2026]
localrule all:
    jobid: 0
    reason: Rules with neither input nor output files are always executed.
    resources: tmpdir=/tmp
[Sat Nov 28 23:15:49 2026]
rule table:
    wildcards: paper=xu2020, item=table2
Job stats:
"""


def test_jobs_are_counted_by_rule_and_paper():
    assert listed_jobs(PRINTED) == {
        "xu2020": {"train": 1, "table": 1},
        "zhao2021": {"train": 1},
        OF_NONE: {"accept": 1, "all": 1},
    }


def test_the_jobs_of_no_paper_stand_last():
    assert list(listed_jobs(PRINTED)) == ["xu2020", "zhao2021", OF_NONE]


def test_nothing_to_do_is_no_job():
    assert listed_jobs("Building DAG of jobs...\nNothing to be done.\n") == {}
