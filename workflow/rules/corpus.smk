# release -> manifest -> audit; manifest -> accepted, or not -> views -> splits, transcripts
# Where a large file has a small fingerprint (X.json beside X.parquet), rules depend on the fingerprint: Snakemake
# compares it by content. What is a checkpoint lets the rules after it rerun only where that content changed.

if WORKFLOW.corpus["generate"] and not config["release"]:

    rule demo_release:
        input:
            # holds the published counts, whose proportions the stand-in follows
            declared=f"workflow/corpora/{WORKFLOW.corpus['stands_in_for'] or CORPUS}.yaml",
            code=code("serflow.cli.demo_release", "serflow.standin.worker"),
        output:
            fingerprint=f"data/{CORPUS}/release.json",
        log:
            f"logs/demo_release/{CORPUS}.log",
        benchmark:
            f"benchmarks/demo_release/{CORPUS}.tsv"
        conda:
            "../../envs/serflow.yaml"
        threads: workflow.cores
        params:
            release=release_folder,
            turns=WORKFLOW.corpus["generate"]["turns"],
            seed=WORKFLOW.corpus["generate"]["seed"],
            reads=WORKFLOW.corpus["reads"],
        shell:
            "rm -rf {params.release:q} && python -m serflow.cli.demo_release {params.release:q} --turns {params.turns} --seed {params.seed}"
            " --jobs {threads} --fingerprint {output.fingerprint} --reads {params.reads:q} > {log} 2>&1"


rule manifest:
    input:
        release=f"data/{CORPUS}/release.json",
        code=code("serflow.cli.manifest", f"serflow.corpora.readers.{WORKFLOW.corpus['reader']}"),
    output:
        manifest=f"data/{CORPUS}/manifest.parquet",
        findings=f"data/{CORPUS}/findings.json",
    log:
        f"logs/manifest/{CORPUS}.log",
    benchmark:
        f"benchmarks/manifest/{CORPUS}.tsv"
    conda:
        "../../envs/serflow.yaml"
    params:
        name=CORPUS,
        corpus=canonical_json(WORKFLOW.corpus),
        release=release_folder,
    shell:
        "python -m serflow.cli.manifest --corpus {params.name} --corpus-spec {params.corpus:q} --release {params.release:q}"
        " --manifest {output.manifest} --findings {output.findings} 2>&1 | tee {log}"


checkpoint accept:
    input:
        manifest=f"data/{CORPUS}/manifest.parquet",
        findings=f"data/{CORPUS}/findings.json",
        code=code("serflow.cli.accept"),
    output:
        fingerprint=f"data/{CORPUS}/manifest.json",
        audio=f"data/{CORPUS}/audio.json",
    log:
        f"logs/accept/{CORPUS}.log",
    benchmark:
        f"benchmarks/accept/{CORPUS}.tsv"
    conda:
        "../../envs/serflow.yaml"
    params:
        release=release_folder,
        skip_broken="--skip-broken" if config["skip_broken"] else "",
    shell:
        "python -m serflow.cli.accept --release {params.release:q} --manifest {input.manifest} --findings {input.findings}"
        " {params.skip_broken} --fingerprint {output.fingerprint} --audio {output.audio} 2>&1 | tee {log}"


rule release_check:
    input:
        manifest=f"data/{CORPUS}/manifest.parquet",
        findings=f"data/{CORPUS}/findings.json",
        code=code("serflow.cli.release_check"),
    output:
        REPORT.audit,
    log:
        f"logs/release_check/{CORPUS}-{PRESET}.log",
    benchmark:
        f"benchmarks/release_check/{CORPUS}-{PRESET}.tsv"
    conda:
        "../../envs/serflow.yaml"
    params:
        spec=canonical_json(REPORT.release_check()),
    shell:
        "python -m serflow.cli.release_check --spec {params.spec:q} --output {output} > {log} 2>&1"


rule view:
    input:
        manifest=f"data/{CORPUS}/manifest.json",
        code=code("serflow.cli.view"),
    output:
        view=f"data/{CORPUS}/{{paper}}/{{experiment}}/view.parquet",
        fingerprint=f"data/{CORPUS}/{{paper}}/{{experiment}}/view.json",
    log:
        f"logs/view/{CORPUS}/{{paper}}/{{experiment}}.log",
    benchmark:
        f"benchmarks/view/{CORPUS}/{{paper}}/{{experiment}}.tsv"
    conda:
        "../../envs/serflow.yaml"
    params:
        experiment=lambda wildcards: canonical_json(
            WORKFLOW.papers[wildcards.paper]["experiments"][wildcards.experiment]
        ),
        corpus=canonical_json(WORKFLOW.corpus),
        manifest=f"data/{CORPUS}/manifest.parquet",
    shell:
        "python -m serflow.cli.view --manifest {params.manifest} --experiment {params.experiment:q}"
        " --corpus-spec {params.corpus:q} --view {output.view} > {log} 2>&1"


checkpoint split:
    input:
        view="data/{corpus}/{paper}/{experiment}/view.json",
        code=code("serflow.cli.split"),
    output:
        table="data/{corpus}/{paper}/{experiment}/splits/{split}.parquet",
        fingerprint="data/{corpus}/{paper}/{experiment}/splits/{split}.json",
    log:
        "logs/split/{corpus}/{paper}/{experiment}/{split}.log",
    benchmark:
        "benchmarks/split/{corpus}/{paper}/{experiment}/{split}.tsv"
    conda:
        "../../envs/serflow.yaml"
    params:
        split=lambda wildcards: canonical_json(WORKFLOW.splits[wildcards.split]),
    shell:
        "python -m serflow.cli.split --view data/{wildcards.corpus}/{wildcards.paper}/{wildcards.experiment}/view.parquet"
        " --name {wildcards.split} --split {params.split:q}"
        " --table {output.table} --fingerprint {output.fingerprint} > {log} 2>&1"


checkpoint transcripts:
    input:
        view="data/{corpus}/{paper}/{experiment}/view.json",
        code=code("serflow.cli.transcripts"),
    output:
        table="data/{corpus}/{paper}/{experiment}/transcripts.parquet",
        fingerprint="data/{corpus}/{paper}/{experiment}/transcripts.json",
    log:
        "logs/transcripts/{corpus}/{paper}/{experiment}.log",
    benchmark:
        "benchmarks/transcripts/{corpus}/{paper}/{experiment}.tsv"
    conda:
        "../../envs/serflow.yaml"
    shell:
        "python -m serflow.cli.transcripts --view data/{wildcards.corpus}/{wildcards.paper}/{wildcards.experiment}/view.parquet"
        " --output {output.table} > {log} 2>&1"


if WORKFLOW.vectors is not None:

    checkpoint word_vectors:
        input:
            vectors="data/vectors.json",
            transcripts="data/{corpus}/{paper}/{experiment}/transcripts.json",
            code=code("serflow.cli.word_vectors"),
        output:
            table="data/{corpus}/{paper}/{experiment}/word_vectors.parquet",
            fingerprint="data/{corpus}/{paper}/{experiment}/word_vectors.json",
        log:
            "logs/word_vectors/{corpus}/{paper}/{experiment}.log",
        benchmark:
            "benchmarks/word_vectors/{corpus}/{paper}/{experiment}.tsv"
        conda:
            "../../envs/serflow.yaml"
        params:
            vectors=str(WORKFLOW.vectors),
        shell:
            "python -m serflow.cli.word_vectors --vectors {params.vectors:q}"
            " --transcripts data/{wildcards.corpus}/{wildcards.paper}/{wildcards.experiment}/transcripts.parquet"
            " --output {output.table} > {log} 2>&1"
