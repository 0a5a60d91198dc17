# words -> pronunciations -> speech recognisers -> their attention maps, for systems that learn them; error rates


checkpoint pronunciations:
    input:
        # not the transcripts, which are a checkpoint's too: Snakemake forgets to wait for one that waits for another
        view="data/{corpus}/{paper}/{experiment}/view.json",
        dictionary="data/pronunciations.json" if WORKFLOW.pronunciations is not None else [],
        code=code("serflow.cli.pronunciations"),
    output:
        table="data/{corpus}/{paper}/{experiment}/pronunciations.parquet",
        fingerprint="data/{corpus}/{paper}/{experiment}/pronunciations.json",
    log:
        "logs/pronunciations/{corpus}/{paper}/{experiment}.log",
    benchmark:
        "benchmarks/pronunciations/{corpus}/{paper}/{experiment}.tsv"
    conda:
        "../../envs/serflow.yaml"
    params:
        package=DICTIONARY_VERSION,
        dictionary=[str(WORKFLOW.pronunciations)] if WORKFLOW.pronunciations is not None else [],
    shell:
        "python -m serflow.cli.pronunciations --view data/{wildcards.corpus}/{wildcards.paper}/{wildcards.experiment}/view.parquet"
        " --dictionary {params.dictionary:q} --output {output.table} > {log} 2>&1"


checkpoint alignments:
    input:
        view="data/{corpus}/{paper}/{experiment}/view.json",
        code=code("serflow.cli.alignments"),
    output:
        table="data/{corpus}/{paper}/{experiment}/alignments.parquet",
        fingerprint="data/{corpus}/{paper}/{experiment}/alignments.json",
    log:
        "logs/alignments/{corpus}/{paper}/{experiment}.log",
    benchmark:
        "benchmarks/alignments/{corpus}/{paper}/{experiment}.tsv"
    conda:
        "../../envs/serflow.yaml"
    shell:
        "python -m serflow.cli.alignments --view data/{wildcards.corpus}/{wildcards.paper}/{wildcards.experiment}/view.parquet"
        " --output {output.table} > {log} 2>&1"


rule train_teacher:
    input:
        split=split_fingerprint,
        features=features_fingerprint,
        store=store,
        transcripts=words_fingerprint,
        pronunciations=spellings_fingerprint,
        alignments=alignments_fingerprint,
        code=teacher_code,
    output:
        transcriptions=f"results/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{system}}/{{split}}/fold{{fold}}/seed{{seed}}/hypotheses.parquet",
        history=f"results/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{system}}/{{split}}/fold{{fold}}/seed{{seed}}/history.csv",
        run=f"results/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{system}}/{{split}}/fold{{fold}}/seed{{seed}}/run.json",
        model=directory(
            f"results/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{system}}/{{split}}/fold{{fold}}/seed{{seed}}/model"
        ),
    log:
        f"logs/train_teacher/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{system}}/{{split}}/fold{{fold}}_seed{{seed}}.log",
    benchmark:
        f"benchmarks/train_teacher/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{system}}/{{split}}/fold{{fold}}_seed{{seed}}.tsv"
    wildcard_constraints:
        experiment=heard,
    # students wait for teachers, and of these there are few and long ones: they go first
    priority: 10
    conda:
        "../../envs/serflow.yaml"
    threads: 1
    resources:
        gpu_runs=gpu_runs,
        gres=gres,
    params:
        job=job_of,
        device=device,
        folder=lambda wildcards, output: os.path.dirname(output.run),
    shell:
        "python -m serflow.cli.train_teacher --job {params.job:q} --split {input.split} --features {input.features}"
        " --store {input.store} --transcripts {input.transcripts} --pronunciations {input.pronunciations}"
        " --alignments {input.alignments} --device {params.device} --folder {params.folder} > {log} 2>&1"


rule teacher_maps:
    input:
        teacher=teacher_of_maps,
        # whose utterances are attended to; a rating or label changes no map, so the view's features stand for it
        view=ancient(f"data/{CORPUS}/{{paper}}/{{view}}/view.json"),
        attended=attended_features,
        features=features_fingerprint,
        store=store,
        transcripts=words_fingerprint,
        pronunciations=spellings_fingerprint,
        code=teacher_maps_code,
    output:
        store=f"results/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{system}}/{{split}}/fold{{fold}}/seed{{seed}}/maps/{{view}}_p{{p}}/store.json",
        index=f"results/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{system}}/{{split}}/fold{{fold}}/seed{{seed}}/maps/{{view}}_p{{p}}/index.parquet",
        frames=f"results/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{system}}/{{split}}/fold{{fold}}/seed{{seed}}/maps/{{view}}_p{{p}}/frames.npy",
    log:
        f"logs/teacher_maps/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{system}}/{{split}}/fold{{fold}}_seed{{seed}}_{{view}}_p{{p}}.log",
    benchmark:
        f"benchmarks/teacher_maps/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{system}}/{{split}}/fold{{fold}}_seed{{seed}}_{{view}}_p{{p}}.tsv"
    wildcard_constraints:
        experiment=heard,
        view="[a-z0-9_]+",
        p="[0-9.]+",
    priority: 10
    conda:
        "../../envs/serflow.yaml"
    params:
        folder=lambda wildcards, output: os.path.dirname(output.store),
    shell:
        "python -m serflow.cli.teacher_maps --teacher {input.teacher} --view {input.view} --store {input.store}"
        " --transcripts {input.transcripts} --pronunciations {input.pronunciations} --p {wildcards.p}"
        " --output {params.folder} > {log} 2>&1"


rule score_asr:
    input:
        teachers=teachers_to_score,
        split=split_fingerprint,
        features=teacher_features,
        transcripts=words_fingerprint,
        pronunciations=spellings_fingerprint,
        alignments=alignments_fingerprint,
        code=code("serflow.cli.score_asr"),
    output:
        multiext(
            f"results/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/asr/{{split}}/",
            scores="scores.csv",
            pairs="pairs.csv",
            curves="curves.csv",
        ),
    log:
        f"logs/score_asr/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{split}}.log",
    benchmark:
        f"benchmarks/score_asr/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{split}}.tsv"
    wildcard_constraints:
        experiment=heard,
    conda:
        "../../envs/serflow.yaml"
    params:
        teachers=lambda wildcards: canonical_json(REPORT.teachers_scored(wildcards.paper)),
        pairs=lambda wildcards: canonical_json(REPORT.teachers_compared(wildcards.paper)),
        folder=lambda wildcards, output: os.path.dirname(output.scores),
    shell:
        "python -m serflow.cli.score_asr --teachers {params.teachers:q} --pairs {params.pairs:q} --split {input.split}"
        " --features {input.features} --transcripts {input.transcripts} --pronunciations {input.pronunciations}"
        " --alignments {input.alignments} --replicates 1000 --output {params.folder} > {log} 2>&1"
