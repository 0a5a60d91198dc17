# protocols cross:<corpus>: the other corpus's release -> manifest -> features -> view -> predictions -> scores
# What is made of a corpus is made by the same commands as of the one that is trained on: those rules, with other files.
# No checkpoints here: nothing is trained behind these, and predictions are made anew in seconds.
from serflow.cross_paths import CrossPaths
from serflow.plan.cross_inputs import CrossInputs

CROSS = CrossInputs(REPORT, ancient=ancient)
OTHER = paths.CorpusPaths("{other}")
CROSS_PATHS = CrossPaths(CORPUS, PRESET, "{paper}", "{experiment}", "{other}", "{declared}")
CROSS_LOG = f"{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/cross/{{other}}/{{declared}}"
CROSS_VIEW_LOG = f"{{other}}/cross/{CORPUS}/{{paper}}/{{declared}}"


wildcard_constraints:
    other="|".join(WORKFLOW.others),
    declared="[a-z0-9_]+",


use rule manifest as cross_manifest with:
    input:
        release=OTHER.release_fingerprint,
        code=CROSS.manifest_code,
    output:
        manifest=OTHER.manifest,
        findings=OTHER.findings,
    log:
        "logs/manifest/{other}.log",
    benchmark:
        "benchmarks/manifest/{other}.tsv"
    params:
        name=CROSS.name,
        corpus=CROSS.corpus_spec,
        release=CROSS.release,


use rule accept as cross_accept with:
    input:
        manifest=OTHER.manifest,
        findings=OTHER.findings,
        code=code("serflow.cli.accept"),
    output:
        fingerprint=OTHER.manifest_fingerprint,
        audio=OTHER.audio,
    log:
        "logs/accept/{other}.log",
    benchmark:
        "benchmarks/accept/{other}.tsv"
    localrule: True
    params:
        release=CROSS.release,


use rule release_check as cross_release_check with:
    input:
        manifest=OTHER.manifest,
        findings=OTHER.findings,
        code=code("serflow.cli.release_check"),
    output:
        REPORT.release_check_of("{other}"),
    log:
        f"logs/release_check/{CORPUS}-{PRESET}_{{other}}.log",
    benchmark:
        f"benchmarks/release_check/{CORPUS}-{PRESET}_{{other}}.tsv"
    params:
        spec=CROSS.release_check,


use rule features as cross_features with:
    input:
        audio=OTHER.audio,
        code=INPUTS.features_code,
    output:
        store=f"{OTHER.store('{features}')}/store.json",
        index=f"{OTHER.store('{features}')}/index.parquet",
        frames=f"{OTHER.store('{features}')}/frames.npy",
    log:
        "logs/features/{other}/{features}.log",
    benchmark:
        "benchmarks/features/{other}/{features}.tsv"
    params:
        manifest=CROSS.manifest,
        release=CROSS.release,
        folder=CROSS.store_folder,


use rule view as cross_view with:
    input:
        manifest=OTHER.manifest_fingerprint,
        code=code("serflow.cli.view"),
    output:
        view=CROSS_PATHS.view.utterances,
        fingerprint=CROSS_PATHS.view.fingerprint,
    log:
        f"logs/view/{CROSS_VIEW_LOG}.log",
    benchmark:
        f"benchmarks/view/{CROSS_VIEW_LOG}.tsv"
    localrule: True
    params:
        experiment=CROSS.view_spec,
        corpus=CROSS.corpus_spec,
        manifest=CROSS.manifest,


use rule transcripts as cross_transcripts with:
    input:
        view=CROSS_PATHS.view.fingerprint,
        code=code("serflow.cli.transcripts"),
    output:
        table=CROSS_PATHS.view.words("transcripts"),
        fingerprint=CROSS_PATHS.view.words_fingerprint("transcripts"),
    log:
        f"logs/transcripts/{CROSS_VIEW_LOG}.log",
    benchmark:
        f"benchmarks/transcripts/{CROSS_VIEW_LOG}.tsv"
    localrule: True
    params:
        view=CROSS_PATHS.view.utterances,


use rule fingerprint as cross_fingerprint with:
    input:
        view=CROSS_PATHS.view.fingerprint,
        store=f"{OTHER.store('{features}')}/store.json",
        code=code("serflow.cli.fingerprint"),
    output:
        fingerprint=CROSS_PATHS.view.features("{features}"),
    log:
        f"logs/fingerprint/{CROSS_VIEW_LOG}/{{features}}.log",
    benchmark:
        f"benchmarks/fingerprint/{CROSS_VIEW_LOG}/{{features}}.tsv"
    localrule: True
    params:
        view=CROSS_PATHS.view.utterances,
        store=CROSS.store_folder,


rule cross_predictions:
    input:
        trained=CROSS.trained,
        view=CROSS.view,
        features=CROSS.features,
        store=CROSS.store,
        transcripts=CROSS.transcripts,
        code=CROSS.code,
    output:
        table=CROSS_PATHS.predictions("{system}"),
        record=CROSS_PATHS.predicted("{system}"),
    log:
        f"logs/cross_predictions/{CROSS_LOG}/{{system}}.log",
    benchmark:
        f"benchmarks/cross_predictions/{CROSS_LOG}/{{system}}.tsv"
    conda:
        "../../envs/serflow.yaml"
    params:
        job=CROSS.job,
        device=CROSS.device,
    shell:
        "python -m serflow.cli.cross_predictions --job {params.job:q} --view {input.view:q} --features {input.features:q}"
        " --store {input.store:q} --transcripts {input.transcripts:q} --device {params.device:q} --output {output.table:q} > {log:q} 2>&1"


rule score_cross:
    input:
        predictions=CROSS.predictions,
        view=CROSS.view,
        trained=CROSS.trained_scores,
        code=code("serflow.cli.score_cross"),
    output:
        multiext(
            f"{CROSS_PATHS.scores}/",
            scores="scores.csv",
            runs="runs.csv",
            confusion="confusion.csv",
            pairs="pairs.csv",
        ),
    log:
        f"logs/score_cross/{CROSS_LOG}.log",
    benchmark:
        f"benchmarks/score_cross/{CROSS_LOG}.tsv"
    localrule: True
    conda:
        "../../envs/serflow.yaml"
    params:
        classes=CROSS.classes,
        unseeded=CROSS.unseeded,
        pairs=CROSS.pairs,
        folder=CROSS_PATHS.scores,
    shell:
        "python -m serflow.cli.score_cross --predictions {input.predictions:q} --view {input.view:q} --classes {params.classes:q}"
        " --unseeded {params.unseeded:q} --pairs {params.pairs:q} --trained {input.trained:q} --permutations 1000"
        " --output {params.folder:q} > {log:q} 2>&1"
