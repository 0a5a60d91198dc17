# What rules ask the plan for: input files and parameters by wildcards. Snakemake calls them; nothing is decided here.
import subprocess
import tomllib
from dataclasses import replace
from functools import cache

from serflow.plan.figures import shown, weights_drawn
from serflow.plan.groups import groups_of_runs
from serflow.plan.teachers import maps_of


def code(*modules):
    """What a job imports, as one small input that changes with any of these source files."""
    return code_fingerprint(*modules)


def release_folder(wildcards):
    """Folder of the release."""
    return str(WORKFLOW.release)


def spec_of(wildcards):
    """The resolved spec of a run, or of a teacher's job."""
    return PLAN.spec(wildcards)


def made(checkpoint, paper, experiment, **others):
    """The fingerprint that a checkpoint makes for a view: what follows runs again only where its content changed."""
    return checkpoint.get(corpus=CORPUS, paper=paper, experiment=experiment, **others).output.fingerprint


def split_fingerprint(wildcards):
    """Digest of a fold table. A group's are made before it."""
    group = _group(wildcards)
    for experiment, split in group.splits if group else []:
        made(checkpoints.split, wildcards.paper, experiment, split=split)
    return made(checkpoints.split, wildcards.paper, wildcards.experiment, split=wildcards.split)


def features_fingerprint(wildcards):
    """Digest of the features of a view; none for a system without features. A group's are made before it."""
    group, features = _group(wildcards), spec_of(wildcards)["features"]
    for experiment, read in group.features if group else []:
        made(checkpoints.fingerprint, wildcards.paper, experiment, features=read)
    if features is None:
        return []
    return made(checkpoints.fingerprint, wildcards.paper, wildcards.experiment, features=features)


def store(wildcards):
    """The feature store: it must be there, but what decides about a rerun is its fingerprint alone."""
    features = spec_of(wildcards)["features"]
    return [] if features is None else ancient(f"data/{CORPUS}/features/{features}/store.json")


def transcripts_fingerprint(wildcards):
    """Digest of a view's words; none for a system that reads no text."""
    if "text" not in spec_of(wildcards)["parameters"]:
        return []
    return words_fingerprint(wildcards)


def vectors_fingerprint(wildcards):
    """Digest of the vectors of the view's words, where the configuration names a file of them and the system reads text."""
    if WORKFLOW.vectors is None or "text" not in spec_of(wildcards)["parameters"]:
        return []
    return made(checkpoints.word_vectors, wildcards.paper, wildcards.experiment)


def encoder_run(wildcards):
    """run.json of the run whose network this one starts from, of the same fold and seed."""
    encoder = PLAN.encoder(RunKey(CORPUS, PRESET, **_run_key(wildcards)))
    return f"{encoder.folder}/run.json" if encoder else []


def maps_to_learn(wildcards):
    """store.json of the attention maps that a run learns: those of the teacher that has not heard whom it tests."""
    if "transfer" not in spec_of(wildcards)["parameters"]:
        return []
    split_fingerprint(wildcards)  # both fold tables must be there to tell which teacher that is
    wait_for_lessons(wildcards.paper)
    return maps_of(PLAN, RunKey(CORPUS, PRESET, **_run_key(wildcards)))


def wait_for_lessons(paper):
    """Wait for all that a teacher is taught with.

    When a checkpoint has been made, Snakemake looks anew at the jobs that name it, and at no job behind these. So who is
    given what a teacher made names what the teacher was given; else a student would be trained on maps that are to be
    made anew, or for maps that are not.
    """
    teacher = WORKFLOW.papers[paper]["teacher"]
    place = paper, teacher["experiment"]
    made(checkpoints.split, *place, split=teacher["split"])
    _heard_features(*place)
    made(checkpoints.transcripts, *place)
    made(checkpoints.pronunciations, *place)
    if PLAN.systems[paper].cuts_at_words:
        made(checkpoints.alignments, *place)


def device(wildcards):
    """The configured device for what has a network; the CPU for the rest."""
    spec = spec_of(wildcards)
    return config["device"] if "train" in spec["parameters"] or spec["encoder"] else "cpu"


def gpu_runs(wildcards):
    """How many runs on a GPU this is: a profile says how many may share one."""
    return int(device(wildcards) != "cpu")


def gres(wildcards):
    """What SLURM is asked for. A text: the runs of a group add up their numbers, and share this."""
    return "gpu:1" if gpu_runs(wildcards) else ""


def group_of_runs(wildcards):
    """The runs that a cluster's job holds together with this one; a profile says how many (`group-components: runs`)."""
    if workflow.local_exec:
        return None
    if workflow.remote_exec:
        # inside the job, Snakemake is told its runs, and not that they go side by side in one process
        _leave_whole()
        return "runs"
    group = _group(wildcards)
    if group is None:
        return None
    workflow.parent_groupids[group.name] = "runs"  # whose number of components is looked up for this group
    return group.name


def _group(wildcards):
    """The group of a run that is sent elsewhere; None of what runs here, of teachers, and inside the job."""
    if not workflow.non_local_exec or not hasattr(wildcards, "seed"):
        return None
    return _groups().get(RunKey(CORPUS, PRESET, **_run_key(wildcards)))


@cache
def _groups():
    found = groups_of_runs(PLAN, size=workflow.group_settings.group_components.get("runs", 1))
    _leave_whole()
    return found


def _leave_whole():
    """Let Snakemake not cut the groups into chunks of its own."""
    workflow.group_settings.group_components = {"runs": sys.maxsize}


def scored_features(wildcards):
    """Fingerprints of all features that the scored systems read."""
    names = REPORT.features_scored(wildcards.paper, wildcards.experiment, wildcards.split)
    return [made(checkpoints.fingerprint, wildcards.paper, wildcards.experiment, features=name) for name in names]


def _run_key(wildcards):
    """What the wildcards say of a run's key."""
    key = {name: getattr(wildcards, name) for name in ("paper", "experiment", "system", "split")}
    return key | {name: int(getattr(wildcards, name)) for name in ("fold", "seed")}


def scored_transcripts(wildcards):
    """Digest of a view's words, where some view of the paper is read as text: its sound is scored on the same parts."""
    if not REPORT.reads_text(wildcards.paper):
        return []
    return words_fingerprint(wildcards)


def scored_vectors(wildcards):
    """Digest of given word vectors, where a scored system reads text."""
    systems = REPORT.scored(wildcards.paper, wildcards.experiment, wildcards.split).values()
    if WORKFLOW.vectors is None or not any(system["text"] for system in systems):
        return []
    return made(checkpoints.word_vectors, wildcards.paper, wildcards.experiment)


def scored_maps(wildcards):
    """store.json of all attention maps that the scored runs have learned."""
    runs = REPORT.runs_scored(wildcards.paper, wildcards.experiment, wildcards.split)
    found = [maps_to_learn(run) for run in runs]
    return sorted({path for path in found if path})


def words_fingerprint(wildcards):
    """Digest of the words of a view."""
    return made(checkpoints.transcripts, wildcards.paper, wildcards.experiment)


def spellings_fingerprint(wildcards):
    """Digest of the phones of those words."""
    return made(checkpoints.pronunciations, wildcards.paper, wildcards.experiment)


def alignments_fingerprint(wildcards):
    """Digest of the times of those words, where a teacher is given runs of words."""
    if not PLAN.systems[wildcards.paper].cuts_at_words:
        return []
    return made(checkpoints.alignments, wildcards.paper, wildcards.experiment)


def teacher_features(wildcards):
    """Digest of the features that teachers hear."""
    return _heard_features(wildcards.paper, wildcards.experiment)


def attended_features(wildcards):
    """Digest of those features of the view whose utterances a teacher attends to."""
    return _heard_features(wildcards.paper, wildcards.view)


def _heard_features(paper, view):
    """Digest of a view's features, of the kind that a paper's teachers hear."""
    features = PLAN.systems[paper].taught["features"]
    return made(checkpoints.fingerprint, paper, view, features=features)


def teacher_code(wildcards):
    """Source of the loop, the recogniser and its network."""
    return code("serflow.cli.train_teacher", *PLAN.modules(wildcards))


def teacher_of_maps(wildcards):
    """run.json of the teacher whose maps are made."""
    wait_for_lessons(wildcards.paper)
    return f"{RunKey(CORPUS, PRESET, **_run_key(wildcards)).folder}/run.json"


def teacher_maps_code(wildcards):
    """Source of what writes a teacher's attention maps."""
    return code("serflow.cli.teacher_maps", *PLAN.modules(wildcards))


def teachers_to_score(wildcards):
    """run.json of each teacher of a paper's table and figures of recognition, and, not compared, what it wrote."""
    wait_for_lessons(wildcards.paper)
    folders = [RunKey(**teacher["run"]).folder for teacher in REPORT.teachers_scored(wildcards.paper)]
    return [file for folder in folders for file in (f"{folder}/run.json", ancient(f"{folder}/hypotheses.parquet"))]


def audio_fingerprint(wildcards):
    """Digest of all audio: a changed label or transcript extracts nothing anew."""
    return checkpoints.accept.get().output.audio


def train_code(wildcards):
    """Source of the loop, and of the learner and model that the spec names."""
    return code("serflow.cli.train", *PLAN.modules(wildcards))


def job_of(wildcards):
    """The run key, the resolved spec and the modules that it names, as JSON: one parameter, compared whole."""
    run = _run_key(wildcards) | {"corpus": CORPUS, "preset": PRESET}
    return canonical_json({"run": run, "spec": spec_of(wildcards), "modules": PLAN.modules(wildcards)})


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
    """What a table is made of."""
    return REPORT.table_files(wildcards.paper, wildcards.item)


def figure_files(wildcards):
    """What a figure is drawn from: scores, manifest, histories, attention, correlations, fold table, curves of teachers."""
    spec = REPORT.figure(wildcards.paper, wildcards.item)
    tables = {"sweep": ["scores"], "data_scale": ["scores"], "confusion": ["confusion"], "training_curves": ["runs"]}
    wanted = tables.get(spec["kind"], [])
    files = [f"{folder}/{name}.csv" for folder in REPORT.scores_of(spec) for name in wanted]
    correlations = [run["correlations"] for run in spec.get("runs", [])]
    runs = [run for panel in spec.get("panels", []) for run in panel.get("runs", [])]
    files += [file for run in runs for file in [f"{run['folder']}/history.csv", *predictions(run["folder"])]]
    manifest = [f"data/{CORPUS}/manifest.json"] if "manifest" in spec else []
    others = [spec[name] for name in ("attention", "split_table", "curves") if name in spec]
    return files + correlations + manifest + others


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


def attention_shown(wildcards):
    """What of an utterance a figure shows, and of which utterance, as JSON."""
    return canonical_json(shown(WORKFLOW.papers[wildcards.paper]["figures"][wildcards.item]))


def attention_code(wildcards):
    """Source of what shows an utterance, and of the learner and model that it is shown of."""
    place = attention_place(wildcards)
    return code("serflow.cli.attention", *PLAN.systems[wildcards.paper].modules(place.system, place.experiment))


def attention_beside(wildcards):
    """run.json of the same run of another system, where a figure shows one beside."""
    other = WORKFLOW.papers[wildcards.paper]["figures"][wildcards.item].get("beside")
    return f"{replace(attention_place(wildcards), system=other).folder}/run.json" if other else []


def attention_maps(wildcards):
    """The maps that a figure's system has learned, where the figure shows them."""
    return maps_to_learn(wildcards) if attention_beside(wildcards) else []


def correlations_code(wildcards):
    """Source of what correlates attention with energy, and of the learner and model whose attention it is."""
    modules = PLAN.systems[wildcards.paper].modules(wildcards.system, wildcards.experiment)
    return code("serflow.cli.energy_correlations", *modules)


def attention_weights(wildcards):
    """Of which epoch the network is that a figure shows: best or last."""
    return weights_drawn(REPORT, wildcards.paper, wildcards.item)


def energy(wildcards):
    """The store of the signal's energy, where a figure shows it; as `store`, its fingerprint alone decides."""
    name = _energy(wildcards)
    return ancient(f"data/{CORPUS}/features/{name}/store.json") if name else []


def energy_fingerprint(wildcards):
    """Digest of the energy of a view's signals, where a figure shows it."""
    name = _energy(wildcards)
    return made(checkpoints.fingerprint, wildcards.paper, wildcards.experiment, features=name) if name else []


def _energy(wildcards):
    """The feature set that a figure names as the signal's energy; None where it shows none."""
    return WORKFLOW.papers[wildcards.paper]["figures"][wildcards.item].get("energy")
