# one job a system and a fold: it trains all seeds, but those that are finished


rule train:
    input:
        split=INPUTS.split,
        features=INPUTS.features,
        store=INPUTS.store,
        transcripts=INPUTS.transcripts,
        vectors=INPUTS.vectors,
        encoder=INPUTS.encoder,
        maps=INPUTS.maps,
        code=train_code,
    output:
        # the runs' own files are not declared: Snakemake would delete those of finished seeds before and after a job
        RUNS,
    log:
        f"logs/train/{RUNS_LOG}.log",
    benchmark:
        f"benchmarks/train/{RUNS_LOG}.tsv"
    wildcard_constraints:
        experiment=system_view,
    group:
        group_of_runs
    conda:
        "../../envs/serflow.yaml"
    # seeds side by side, each on a core of its own: `set-threads: train=3` in a profile
    threads: 1
    resources:
        gpu_runs=INPUTS.gpu_runs,
        gres=INPUTS.gres,
    params:
        job=INPUTS.job,
        device=INPUTS.device,
        seeds=INPUTS.seeds,
        weights=INPUTS.seeds_with_weights,
    shell:
        "python -m serflow.cli.train --job {params.job:q} --seeds {params.seeds:q} --weights {params.weights:q}"
        " --split {input.split:q}"
        " --features {input.features:q} --store {input.store:q} --transcripts {input.transcripts:q}"
        " --vectors {input.vectors:q} --encoder {input.encoder:q} --maps {input.maps:q} --device {params.device:q}"
        " --at-once {threads:q} --output {output:q} > {log:q} 2>&1"
