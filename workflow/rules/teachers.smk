# words -> pronunciations -> teachers (ASR networks) -> their attention maps, for their students; error rates


checkpoint pronunciations:
    input:
        # not the transcripts, which are a checkpoint's too: Snakemake forgets to wait for one that waits for another
        view=VIEW.fingerprint,
        dictionary=paths.PRONUNCIATIONS if WORKFLOW.pronunciations is not None else [],
        code=code("serflow.cli.pronunciations"),
    output:
        table=VIEW.words("pronunciations"),
        fingerprint=VIEW.words_fingerprint("pronunciations"),
    log:
        f"logs/pronunciations/{VIEW_LOG}.log",
    benchmark:
        f"benchmarks/pronunciations/{VIEW_LOG}.tsv"
    localrule: True
    conda:
        "../../envs/serflow.yaml"
    params:
        view=VIEW.utterances,
        package=DICTIONARY_VERSION,
        dictionary=[str(WORKFLOW.pronunciations)] if WORKFLOW.pronunciations is not None else [],
    shell:
        "python -m serflow.cli.pronunciations --view {params.view:q} --dictionary {params.dictionary:q}"
        " --output {output.table:q} > {log:q} 2>&1"


checkpoint alignments:
    input:
        view=VIEW.fingerprint,
        code=code("serflow.cli.alignments"),
    output:
        table=VIEW.words("alignments"),
        fingerprint=VIEW.words_fingerprint("alignments"),
    log:
        f"logs/alignments/{VIEW_LOG}.log",
    benchmark:
        f"benchmarks/alignments/{VIEW_LOG}.tsv"
    localrule: True
    conda:
        "../../envs/serflow.yaml"
    params:
        view=VIEW.utterances,
    shell:
        "python -m serflow.cli.alignments --view {params.view:q} --output {output.table:q} > {log:q} 2>&1"


rule train_teacher:
    input:
        split=INPUTS.split,
        features=INPUTS.features,
        store=INPUTS.store,
        transcripts=INPUTS.teacher_transcripts,
        pronunciations=INPUTS.pronunciations,
        alignments=INPUTS.alignments,
        code=teacher_code,
    output:
        hypotheses=f"{RUN}/hypotheses.parquet",
        history=f"{RUN}/history.csv",
        run=f"{RUN}/run.json",
    log:
        f"logs/train_teacher/{RUN_LOG}.log",
    benchmark:
        f"benchmarks/train_teacher/{RUN_LOG}.tsv"
    wildcard_constraints:
        experiment=teacher_view,
    # students wait for teachers, and of these there are few and long ones: they go first
    priority: 10
    conda:
        "../../envs/serflow.yaml"
    threads: 1
    resources:
        gpu_runs=INPUTS.gpu_runs,
        gres=INPUTS.gres,
    params:
        job=INPUTS.job,
        device=INPUTS.device,
        folder=RUN,
    shell:
        "python -m serflow.cli.train_teacher --job {params.job:q} --split {input.split:q} --features {input.features:q}"
        " --store {input.store:q} --transcripts {input.transcripts:q} --pronunciations {input.pronunciations:q}"
        " --alignments {input.alignments:q} --device {params.device:q} --folder {params.folder:q} > {log:q} 2>&1"


rule teacher_maps:
    input:
        teacher=INPUTS.teacher,
        # whose utterances are attended to; a rating or label changes no map, so the view's features stand for it
        view=ancient(paths.ViewPaths(CORPUS, "{paper}", "{view}").fingerprint),
        attended=INPUTS.attended_features,
        features=INPUTS.features,
        store=INPUTS.store,
        transcripts=INPUTS.teacher_transcripts,
        pronunciations=INPUTS.pronunciations,
        code=INPUTS.teacher_maps_code,
    output:
        store=f"{MAPS}/store.json",
        index=f"{MAPS}/index.parquet",
        frames=f"{MAPS}/frames.npy",
    log:
        f"logs/teacher_maps/{RUN_LOG}_{{view}}_p{{p}}.log",
    benchmark:
        f"benchmarks/teacher_maps/{RUN_LOG}_{{view}}_p{{p}}.tsv"
    wildcard_constraints:
        experiment=teacher_view,
        view="[a-z0-9_]+",
        p="[0-9.]+",
    priority: 10
    conda:
        "../../envs/serflow.yaml"
    params:
        folder=MAPS,
    shell:
        "python -m serflow.cli.teacher_maps --teacher {input.teacher:q} --view {input.view:q} --store {input.store:q}"
        " --transcripts {input.transcripts:q} --pronunciations {input.pronunciations:q} --p {wildcards.p:q}"
        " --output {params.folder:q} > {log:q} 2>&1"


rule score_asr:
    input:
        teachers=INPUTS.scored_teachers,
        view=VIEW.fingerprint,
        split=INPUTS.split,
        features=INPUTS.teacher_features,
        transcripts=INPUTS.teacher_transcripts,
        pronunciations=INPUTS.pronunciations,
        alignments=INPUTS.alignments,
        code=code("serflow.cli.score_asr"),
    output:
        multiext(
            f"{ASR}/",
            scores="scores.csv",
            pairs="pairs.csv",
            curves="curves.csv",
            libraries="libraries.json",
            made_from="made_from.json",
        ),
    log:
        f"logs/score_asr/{SCORES_LOG}.log",
    benchmark:
        f"benchmarks/score_asr/{SCORES_LOG}.tsv"
    wildcard_constraints:
        experiment=teacher_view,
    localrule: True
    conda:
        "../../envs/serflow.yaml"
    params:
        teachers=INPUTS.teachers_spec,
        pairs=INPUTS.teacher_pairs,
        folder=ASR,
    shell:
        "python -m serflow.cli.score_asr --teachers {params.teachers:q} --pairs {params.pairs:q}"
        " --view {input.view:q} --split {input.split:q}"
        " --features {input.features:q} --transcripts {input.transcripts:q} --pronunciations {input.pronunciations:q}"
        " --alignments {input.alignments:q} --permutations 1000 --output {params.folder:q} > {log:q} 2>&1"
