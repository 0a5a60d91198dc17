# scores -> tables, figures, reports/all_tables.pdf, and the items of snakemake --report


rule table:
    input:
        scores=table_scores,
        code=code("serflow.cli.table"),
    output:
        report(
            f"{REPORT.folder}/{{paper}}/{{item}}.csv",
            caption="../report/table.rst",
            category="{paper}",
            subcategory="tables",
            labels={"table": "{item}"},
        ),
    log:
        f"logs/table/{CORPUS}-{PRESET}/{{paper}}/{{item}}.log",
    benchmark:
        f"benchmarks/table/{CORPUS}-{PRESET}/{{paper}}/{{item}}.tsv"
    wildcard_constraints:
        item="table[a-z0-9_]*",
    conda:
        "../../envs/serflow.yaml"
    params:
        spec=lambda wildcards: canonical_json(REPORT.table(wildcards.paper, wildcards.item)),
    shell:
        "python -m serflow.cli.table --spec {params.spec:q} --output {output} > {log} 2>&1"


rule attention:
    input:
        run=lambda wildcards: f"{attention_place(wildcards).folder}/run.json",
        store=store,
        split=lambda wildcards: f"data/{CORPUS}/{wildcards.paper}/{attention_place(wildcards).experiment}/splits/{attention_place(wildcards).split}.json",
        manifest=f"data/{CORPUS}/manifest.json",
        energy=energy,
        energies=energy_fingerprint,
        beside=attention_beside,
        maps=attention_maps,
        code=attention_code,
    output:
        f"results/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{system}}/{{split}}/fold{{fold}}/seed{{seed}}/attention_{{item}}.npz",
    log:
        f"logs/attention/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{system}}/{{split}}/fold{{fold}}_seed{{seed}}_{{item}}.log",
    benchmark:
        f"benchmarks/attention/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{system}}/{{split}}/fold{{fold}}_seed{{seed}}_{{item}}.tsv"
    conda:
        "../../envs/serflow.yaml"
    params:
        figure=attention_shown,
        weights=attention_weights,
    shell:
        "python -m serflow.cli.attention --run {input.run} --weights {params.weights} --split {input.split}"
        " --fold {wildcards.fold} --store {input.store} --manifest {input.manifest} --energy {input.energy}"
        " --beside {input.beside} --maps {input.maps} --figure {params.figure:q} --output {output} > {log} 2>&1"


rule energy_correlations:
    input:
        run=f"results/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{system}}/{{split}}/fold{{fold}}/seed{{seed}}/run.json",
        store=store,
        split=f"data/{CORPUS}/{{paper}}/{{experiment}}/splits/{{split}}.json",
        energy=energy,
        energies=energy_fingerprint,
        code=correlations_code,
    output:
        f"results/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{system}}/{{split}}/fold{{fold}}/seed{{seed}}/energy_correlations_{{item}}.csv",
    log:
        f"logs/energy_correlations/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{system}}/{{split}}/fold{{fold}}_seed{{seed}}_{{item}}.log",
    benchmark:
        f"benchmarks/energy_correlations/{CORPUS}/{PRESET}/{{paper}}/{{experiment}}/{{system}}/{{split}}/fold{{fold}}_seed{{seed}}_{{item}}.tsv"
    conda:
        "../../envs/serflow.yaml"
    params:
        weights=attention_weights,
    shell:
        "python -m serflow.cli.energy_correlations --run {input.run} --weights {params.weights} --split {input.split}"
        " --fold {wildcards.fold} --store {input.store} --energy {input.energy} --output {output} > {log} 2>&1"


rule figure:
    input:
        files=figure_files,
        code=figure_kind,
    output:
        svg=report(
            f"{REPORT.folder}/{{paper}}/{{item}}.svg",
            caption="../report/figure.rst",
            category="{paper}",
            subcategory="figures",
            labels={"figure": "{item}"},
        ),
        pdf=f"{REPORT.folder}/{{paper}}/{{item}}.pdf",
        caption=f"{REPORT.folder}/{{paper}}/{{item}}.txt",
        csv=f"{REPORT.folder}/{{paper}}/{{item}}_data.csv",
    log:
        f"logs/figure/{CORPUS}-{PRESET}/{{paper}}/{{item}}.log",
    benchmark:
        f"benchmarks/figure/{CORPUS}-{PRESET}/{{paper}}/{{item}}.tsv"
    wildcard_constraints:
        item="(?!table)[a-z0-9_]+",
    conda:
        "../../envs/serflow.yaml"
    params:
        spec=lambda wildcards: canonical_json(REPORT.figure(wildcards.paper, wildcards.item)),
    shell:
        "python -m serflow.cli.figure --spec {params.spec:q} --svg {output.svg} --pdf {output.pdf}"
        " --csv {output.csv} --caption {output.caption} > {log} 2>&1"


rule pdf:
    input:
        parts=report_items,
        audit=REPORT.audit,
        release=f"data/{CORPUS}/release.json",
        template="reports/template.typ",
        code=code("serflow.cli.pdf"),
    output:
        report("reports/all_tables.pdf", caption="../report/all_tables.rst", category="All tables and figures"),
    log:
        "logs/pdf.log",
    benchmark:
        "benchmarks/pdf.tsv"
    conda:
        "../../envs/serflow.yaml"
    params:
        config=canonical_json(config),
        version=code_version(),
        document=digest(REPORT.document("")),
    shell:
        "python -m serflow.cli.pdf --config {params.config:q} --version {params.version:q} --release {input.release}"
        " --template {input.template} --output {output} > {log} 2>&1"
