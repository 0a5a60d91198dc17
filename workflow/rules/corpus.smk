# release -> manifest -> release_check; manifest -> accepted, or not -> views -> splits, transcripts
# Where a large file has a small fingerprint (X.json beside X.parquet), rules depend on the fingerprint: Snakemake
# compares it by content. What is a checkpoint lets the rules after it rerun only where that content changed.

if WORKFLOW.generated:

    rule demo_release:
        input:
            # holds the published counts, whose proportions the stand-in follows
            declared=INPUTS.stands_for,
            code=code("serflow.cli.demo_release", "serflow.standin.worker"),
        output:
            fingerprint=paths.CorpusPaths("{generated}").release_fingerprint,
        log:
            "logs/demo_release/{generated}.log",
        benchmark:
            "benchmarks/demo_release/{generated}.tsv"
        wildcard_constraints:
            generated="|".join(WORKFLOW.generated),
        conda:
            "../../envs/serflow.yaml"
        threads: workflow.cores
        params:
            release=INPUTS.generated_release,
            turns=INPUTS.generated_turns,
            seed=INPUTS.generated_seed,
            reads=INPUTS.generated_reads,
        shell:
            "rm -rf {params.release:q} && python -m serflow.cli.demo_release {params.release:q} --turns {params.turns:q} --seed {params.seed:q}"
            " --jobs {threads:q} --fingerprint {output.fingerprint:q} --reads {params.reads:q} > {log:q} 2>&1"


rule manifest:
    input:
        release=DATA.release_fingerprint,
        code=code("serflow.cli.manifest", READERS.module(WORKFLOW.corpus["reader"])),
    output:
        manifest=DATA.manifest,
        findings=DATA.findings,
    log:
        f"logs/manifest/{CORPUS}.log",
    benchmark:
        f"benchmarks/manifest/{CORPUS}.tsv"
    conda:
        "../../envs/serflow.yaml"
    params:
        name=CORPUS,
        corpus=CORPUS_SPEC,
        release=INPUTS.release,
    shell:
        "python -m serflow.cli.manifest --corpus {params.name:q} --corpus-spec {params.corpus:q} --release {params.release:q}"
        " --manifest {output.manifest:q} --findings {output.findings:q} 2>&1 | tee {log:q}"


checkpoint accept:
    input:
        manifest=DATA.manifest,
        findings=DATA.findings,
        code=code("serflow.cli.accept"),
    output:
        fingerprint=DATA.manifest_fingerprint,
        audio=DATA.audio,
    log:
        f"logs/accept/{CORPUS}.log",
    benchmark:
        f"benchmarks/accept/{CORPUS}.tsv"
    localrule: True
    conda:
        "../../envs/serflow.yaml"
    params:
        release=INPUTS.release,
        skip_broken="--skip-broken" if config["skip_broken"] else "",
    shell:
        "python -m serflow.cli.accept --release {params.release:q} --manifest {input.manifest:q} --findings {input.findings:q}"
        " {params.skip_broken:q} --fingerprint {output.fingerprint:q} --audio {output.audio:q} 2>&1 | tee {log:q}"


rule release_check:
    input:
        manifest=DATA.manifest,
        findings=DATA.findings,
        code=code("serflow.cli.release_check"),
    output:
        REPORT.release_check,
    log:
        f"logs/release_check/{CORPUS}-{PRESET}.log",
    benchmark:
        f"benchmarks/release_check/{CORPUS}-{PRESET}.tsv"
    localrule: True
    conda:
        "../../envs/serflow.yaml"
    params:
        spec=canonical_json(REPORT.release_check_spec()),
    shell:
        "python -m serflow.cli.release_check --spec {params.spec:q} --output {output:q} > {log:q} 2>&1"


rule view:
    input:
        manifest=DATA.manifest_fingerprint,
        code=code("serflow.cli.view"),
    output:
        view=VIEW.utterances,
        fingerprint=VIEW.fingerprint,
    log:
        f"logs/view/{VIEW_LOG}.log",
    benchmark:
        f"benchmarks/view/{VIEW_LOG}.tsv"
    priority: 1  # before features are extracted, it is known which folds can be had
    localrule: True
    conda:
        "../../envs/serflow.yaml"
    params:
        experiment=INPUTS.view_spec,
        corpus=CORPUS_SPEC,
        manifest=DATA.manifest,
    shell:
        "python -m serflow.cli.view --manifest {params.manifest:q} --experiment {params.experiment:q}"
        " --corpus-spec {params.corpus:q} --view {output.view:q} > {log:q} 2>&1"


checkpoint split:
    input:
        view=VIEW.fingerprint,
        code=code("serflow.cli.split"),
    output:
        table=VIEW.fold_table("{split}"),
        fingerprint=VIEW.split("{split}"),
    log:
        f"logs/split/{VIEW_LOG}/{{split}}.log",
    benchmark:
        f"benchmarks/split/{VIEW_LOG}/{{split}}.tsv"
    priority: 1
    localrule: True
    conda:
        "../../envs/serflow.yaml"
    params:
        split=INPUTS.split_spec,
        judged=INPUTS.judged,
        view=VIEW.utterances,
    shell:
        "python -m serflow.cli.split --view {params.view:q} --name {wildcards.split:q} --split {params.split:q}"
        " {params.judged:q}"
        " --table {output.table:q} --fingerprint {output.fingerprint:q} > {log:q} 2>&1"


checkpoint protocols:
    input:
        splits=INPUTS.paper_splits,
        code=code("serflow.cli.protocols"),
    output:
        fingerprint=protocols_file(CORPUS, "{paper}"),
    log:
        f"logs/protocols/{CORPUS}/{{paper}}.log",
    benchmark:
        f"benchmarks/protocols/{CORPUS}/{{paper}}.tsv"
    priority: 1
    localrule: True
    conda:
        "../../envs/serflow.yaml"
    params:
        pieces=INPUTS.pieces,
    shell:
        "python -m serflow.cli.protocols --paper {wildcards.paper:q} --pieces {params.pieces:q} --splits {input.splits:q}"
        " --output {output.fingerprint:q} 2>&1 | tee {log:q}"


checkpoint transcripts:
    input:
        view=VIEW.fingerprint,
        code=code("serflow.cli.transcripts"),
    output:
        table=VIEW.words("transcripts"),
        fingerprint=VIEW.words_fingerprint("transcripts"),
    log:
        f"logs/transcripts/{VIEW_LOG}.log",
    benchmark:
        f"benchmarks/transcripts/{VIEW_LOG}.tsv"
    localrule: True
    conda:
        "../../envs/serflow.yaml"
    params:
        view=VIEW.utterances,
    shell:
        "python -m serflow.cli.transcripts --view {params.view:q} --output {output.table:q} > {log:q} 2>&1"


if WORKFLOW.vectors is not None:

    checkpoint word_vectors:
        input:
            vectors=paths.VECTORS,
            transcripts=VIEW.words_fingerprint("transcripts"),
            code=code("serflow.cli.word_vectors"),
        output:
            table=VIEW.words("word_vectors"),
            fingerprint=VIEW.words_fingerprint("word_vectors"),
        log:
            f"logs/word_vectors/{VIEW_LOG}.log",
        benchmark:
            f"benchmarks/word_vectors/{VIEW_LOG}.tsv"
        conda:
            "../../envs/serflow.yaml"
        params:
            vectors=str(WORKFLOW.vectors),
            transcripts=VIEW.words("transcripts"),
        shell:
            "python -m serflow.cli.word_vectors --vectors {params.vectors:q} --transcripts {params.transcripts:q}"
            " --output {output.table:q} > {log:q} 2>&1"
