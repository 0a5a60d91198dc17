# predictions -> scores: every metric, interval and test comes from here, and only here


rule score_runs:
    input:
        runs=INPUTS.scored_runs,
        split=INPUTS.split,
        view=VIEW.fingerprint,
        networks=INPUTS.scored_networks,
        features=INPUTS.scored_features,
        stores=INPUTS.scored_stores,
        transcripts=INPUTS.scored_transcripts,
        vectors=INPUTS.scored_vectors,
        maps=INPUTS.scored_maps,
        given=INPUTS.scored_given,
        predictions=INPUTS.given_predictions,
        code=code("serflow.cli.score_runs"),
    output:
        multiext(
            f"{SCORES}/",
            scores="scores.csv",
            runs="runs.csv",
            confusion="confusion.csv",
            pairs="pairs.csv",
            groups="groups.csv",
            reliability="reliability.csv",
            unscored="unscored.csv",
            selected="selected.parquet",
            libraries="libraries.json",
            made_from="made_from.json",
        ),
    log:
        f"logs/score_runs/{SCORES_LOG}.log",
    benchmark:
        f"benchmarks/score_runs/{SCORES_LOG}.tsv"
    localrule: True
    conda:
        "../../envs/serflow.yaml"
    params:
        systems=INPUTS.systems_spec,
        of_given=INPUTS.of_given,
        run=INPUTS.scored_key,
        pairs=INPUTS.pairs,
        development=INPUTS.development,
        folder=SCORES,
    shell:
        "python -m serflow.cli.score_runs --run {params.run:q} --systems {params.systems:q} --split {input.split:q}"
        " --view {input.view:q} --networks {input.networks:q}"
        " --features {input.features:q} --store {input.stores:q} --transcripts {input.transcripts:q}"
        " --vectors {input.vectors:q} --maps {input.maps:q} --given {input.given:q} --of-given {params.of_given:q} --pairs {params.pairs:q} --permutations 1000 {params.development:q}"
        " --output {params.folder:q} > {log:q} 2>&1"


rule contrast:
    input:
        protocols=INPUTS.protocols,
        selected=INPUTS.contrasted,
        splits=INPUTS.contrasted_splits,
        code=code("serflow.cli.contrast"),
    output:
        REPORT.scoring.contrasts_file("{paper}", "{experiment}"),
    log:
        f"logs/contrast/{VIEW_LOG}.log",
    benchmark:
        f"benchmarks/contrast/{VIEW_LOG}.tsv"
    localrule: True
    conda:
        "../../envs/serflow.yaml"
    params:
        pairs=INPUTS.contrasts,
        unseeded=INPUTS.unseeded,
        classes_only=INPUTS.classes_only,
        asked=INPUTS.contrasted_scores,
    shell:
        "python -m serflow.cli.contrast --selected {input.selected:q} --splits {input.splits:q}"
        " --asked {params.asked:q} --pairs {params.pairs:q} --unseeded {params.unseeded:q}"
        " --classes-only {params.classes_only:q} --permutations 1000 --output {output:q} > {log:q} 2>&1"
