# audio -> packed feature stores -> one small fingerprint a view


rule features:
    input:
        audio=INPUTS.audio,
        code=INPUTS.features_code,
    output:
        store=f"{DATA.store('{features}')}/store.json",
        index=f"{DATA.store('{features}')}/index.parquet",
        frames=f"{DATA.store('{features}')}/frames.npy",
    log:
        f"logs/features/{CORPUS}/{{features}}.log",
    benchmark:
        f"benchmarks/features/{CORPUS}/{{features}}.tsv"
    conda:
        "../../envs/serflow.yaml"
    threads: workflow.cores
    params:
        manifest=DATA.manifest,
        release=INPUTS.release,
        spec=INPUTS.features_spec,
        folder=DATA.store("{features}"),
    shell:
        "python -m serflow.cli.features --manifest {params.manifest:q} --release {params.release:q}"
        " --spec {params.spec:q} --jobs {threads:q} --output {params.folder:q} > {log:q} 2>&1"


checkpoint fingerprint:
    input:
        view=VIEW.fingerprint,
        store=f"{DATA.store('{features}')}/store.json",
        code=code("serflow.cli.fingerprint"),
    output:
        fingerprint=VIEW.features("{features}"),
    log:
        f"logs/fingerprint/{VIEW_LOG}/{{features}}.log",
    benchmark:
        f"benchmarks/fingerprint/{VIEW_LOG}/{{features}}.tsv"
    localrule: True
    conda:
        "../../envs/serflow.yaml"
    params:
        view=VIEW.utterances,
        store=INPUTS.store_folder,
    shell:
        "python -m serflow.cli.fingerprint --view {params.view:q} --store {params.store:q}"
        " --output {output:q} > {log:q} 2>&1"
