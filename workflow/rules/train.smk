# one job a run


rule train:
    input:
        split=split_fingerprint,
        features=features_fingerprint,
        store=store,
        transcripts=transcripts_fingerprint,
        vectors=vectors_fingerprint,
        encoder=encoder_run,
        maps=maps_to_learn,
        code=train_code,
    output:
        predictions=f"results/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{system}}/{{split}}/fold{{fold}}/seed{{seed}}/predictions.parquet",
        history=f"results/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{system}}/{{split}}/fold{{fold}}/seed{{seed}}/history.csv",
        run=f"results/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{system}}/{{split}}/fold{{fold}}/seed{{seed}}/run.json",
        model=directory(
            f"results/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{system}}/{{split}}/fold{{fold}}/seed{{seed}}/model"
        ),
    log:
        f"logs/train/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{system}}/{{split}}/fold{{fold}}_seed{{seed}}.log",
    benchmark:
        f"benchmarks/train/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{system}}/{{split}}/fold{{fold}}_seed{{seed}}.tsv"
    wildcard_constraints:
        experiment=seen,
    group:
        group_of_runs
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
        "python -m serflow.cli.train --job {params.job:q} --split {input.split} --features {input.features}"
        " --store {input.store} --transcripts {input.transcripts} --vectors {input.vectors} --encoder {input.encoder}"
        " --maps {input.maps}"
        " --device {params.device} --folder {params.folder} > {log} 2>&1"
