# one job a run


rule train:
    input:
        split=INPUTS.split,
        features=INPUTS.features,
        store=INPUTS.store,
        transcripts=INPUTS.transcripts,
        vectors=INPUTS.vectors,
        encoder=INPUTS.encoder,
        maps=INPUTS.maps,
        code=INPUTS.train_code,
    output:
        predictions=f"{RUN}/predictions.parquet",
        history=f"{RUN}/history.csv",
        run=f"{RUN}/run.json",
        model=directory(f"{RUN}/model"),
    log:
        f"logs/train/{RUN_LOG}.log",
    benchmark:
        f"benchmarks/train/{RUN_LOG}.tsv"
    wildcard_constraints:
        experiment=system_view,
    group:
        group_of_runs
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
        "python -m serflow.cli.train --job {params.job:q} --split {input.split} --features {input.features}"
        " --store {input.store} --transcripts {input.transcripts} --vectors {input.vectors} --encoder {input.encoder}"
        " --maps {input.maps} --device {params.device} --folder {params.folder} > {log} 2>&1"
