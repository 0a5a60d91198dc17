# audio -> packed feature stores -> one small fingerprint a view


rule features:
    input:
        audio=audio_fingerprint,
        code=lambda wildcards: code(
            "serflow.cli.features", f"serflow.features.extractors.{WORKFLOW.features[wildcards.features]['extractor']}"
        ),
    output:
        store=f"data/{CORPUS}/features/{{features}}/store.json",
        index=f"data/{CORPUS}/features/{{features}}/index.parquet",
        frames=f"data/{CORPUS}/features/{{features}}/frames.npy",
    log:
        f"logs/features/{CORPUS}/{{features}}.log",
    benchmark:
        f"benchmarks/features/{CORPUS}/{{features}}.tsv"
    conda:
        "../../envs/serflow.yaml"
    threads: workflow.cores
    params:
        manifest=f"data/{CORPUS}/manifest.parquet",
        release=release_folder,
        spec=lambda wildcards: canonical_json(WORKFLOW.features[wildcards.features]),
        folder=f"data/{CORPUS}/features/{{features}}",
    shell:
        "python -m serflow.cli.features --manifest {params.manifest} --release {params.release:q}"
        " --spec {params.spec:q} --jobs {threads} --output {params.folder} > {log} 2>&1"


checkpoint fingerprint:
    input:
        view="data/{corpus}/{paper}/{experiment}/view.json",
        store="data/{corpus}/features/{features}/store.json",
        code=code("serflow.cli.fingerprint"),
    output:
        fingerprint="data/{corpus}/{paper}/{experiment}/features/{features}.json",
    log:
        "logs/fingerprint/{corpus}/{paper}/{experiment}/{features}.log",
    benchmark:
        "benchmarks/fingerprint/{corpus}/{paper}/{experiment}/{features}.tsv"
    conda:
        "../../envs/serflow.yaml"
    shell:
        "python -m serflow.cli.fingerprint --view data/{wildcards.corpus}/{wildcards.paper}/{wildcards.experiment}/view.parquet"
        " --store data/{wildcards.corpus}/features/{wildcards.features} --output {output} > {log} 2>&1"
