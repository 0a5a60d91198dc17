# predictions -> scores: every metric, interval and test comes from here, and only here


rule score:
    input:
        runs=runs_to_score,
        split=split_fingerprint,
        features=scored_features,
        transcripts=scored_transcripts,
        vectors=scored_vectors,
        maps=scored_maps,
        code=code("serflow.cli.score"),
    output:
        multiext(
            f"results/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/scores/{{split}}/",
            scores="scores.csv",
            runs="runs.csv",
            confusion="confusion.csv",
            pairs="pairs.csv",
        ),
    log:
        f"logs/score/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{split}}.log",
    benchmark:
        f"benchmarks/score/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{split}}.tsv"
    conda:
        "../../envs/serflow.yaml"
    params:
        systems=systems_to_score,
        run=lambda wildcards: canonical_json(dict(wildcards) | {"corpus": CORPUS, "preset": PRESET}),
        pairs=lambda wildcards: canonical_json(REPORT.pairs(**dict(wildcards))),
        development=lambda wildcards: "--development" if REPORT.shows_development(wildcards.paper) else "",
        folder=lambda wildcards, output: os.path.dirname(output.scores),
    shell:
        "python -m serflow.cli.score --run {params.run:q} --systems {params.systems:q} --split {input.split}"
        " --features {input.features} --transcripts {input.transcripts} --vectors {input.vectors}"
        " --maps {input.maps} --pairs {params.pairs:q} --replicates 1000 {params.development}"
        " --output {params.folder} > {log} 2>&1"
