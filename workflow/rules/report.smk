# scores -> tables, figures, the page of findings; these -> reports/all_tables.pdf and reports/report.html


rule table:
    input:
        protocols=INPUTS.protocols,
        scores=INPUTS.table_files,
        code=code("serflow.cli.table"),
    output:
        report(
            f"{ITEM}.csv",
            caption="../report/table.rst",
            category="{paper}",
            subcategory="tables",
            labels={"table": "{item}"},
        ),
    log:
        f"logs/table/{ITEM_LOG}.log",
    benchmark:
        f"benchmarks/table/{ITEM_LOG}.tsv"
    wildcard_constraints:
        item="table[a-z0-9_]*",
    localrule: True
    conda:
        "../../envs/serflow.yaml"
    params:
        spec=INPUTS.table_spec,
    shell:
        "python -m serflow.cli.table --spec {params.spec:q} --output {output:q} > {log:q} 2>&1"


rule attention:
    input:
        trained=INPUTS.trained,
        store=INPUTS.store,
        split=VIEW.split("{split}"),
        manifest=DATA.manifest_fingerprint,
        energy=INPUTS.energy,
        energies=INPUTS.energy_fingerprint,
        beside=INPUTS.trained_beside,
        maps=INPUTS.shown_maps,
        code=INPUTS.attention_code,
    output:
        f"{RUN}/attention_{{item}}.npz",
    log:
        f"logs/attention/{RUN_LOG}_{{item}}.log",
    benchmark:
        f"benchmarks/attention/{RUN_LOG}_{{item}}.tsv"
    localrule: True
    conda:
        "../../envs/serflow.yaml"
    params:
        run=INPUTS.training,
        beside=INPUTS.beside,
        figure=INPUTS.attention_spec,
        weights=INPUTS.weights,
    shell:
        "python -m serflow.cli.attention --run {params.run:q} --weights {params.weights:q} --split {input.split:q}"
        " --fold {wildcards.fold:q} --store {input.store:q} --manifest {input.manifest:q} --energy {input.energy:q}"
        " --beside {params.beside:q} --maps {input.maps:q} --figure {params.figure:q} --output {output:q} > {log:q} 2>&1"


rule energy_correlations:
    input:
        trained=INPUTS.trained,
        store=INPUTS.store,
        split=VIEW.split("{split}"),
        energy=INPUTS.energy,
        energies=INPUTS.energy_fingerprint,
        code=INPUTS.correlations_code,
    output:
        f"{RUN}/energy_correlations_{{item}}.csv",
    log:
        f"logs/energy_correlations/{RUN_LOG}_{{item}}.log",
    benchmark:
        f"benchmarks/energy_correlations/{RUN_LOG}_{{item}}.tsv"
    localrule: True
    conda:
        "../../envs/serflow.yaml"
    params:
        run=INPUTS.training,
        weights=INPUTS.weights,
    shell:
        "python -m serflow.cli.energy_correlations --run {params.run:q} --weights {params.weights:q} --split {input.split:q}"
        " --fold {wildcards.fold:q} --store {input.store:q} --energy {input.energy:q} --output {output:q} > {log:q} 2>&1"


rule figure:
    input:
        protocols=INPUTS.protocols,
        files=INPUTS.figure_files,
        code=INPUTS.figure_code,
    output:
        svg=report(
            f"{ITEM}.svg",
            caption="../report/figure.rst",
            category="{paper}",
            subcategory="figures",
            labels={"figure": "{item}"},
        ),
        pdf=f"{ITEM}.pdf",
        caption=f"{ITEM}.txt",
        csv=f"{ITEM}_data.csv",
    log:
        f"logs/figure/{ITEM_LOG}.log",
    benchmark:
        f"benchmarks/figure/{ITEM_LOG}.tsv"
    wildcard_constraints:
        item="(?!table)[a-z0-9_]+",
    localrule: True
    conda:
        "../../envs/serflow.yaml"
    params:
        spec=INPUTS.figure_spec,
    shell:
        "python -m serflow.cli.figure --spec {params.spec:q} --svg {output.svg:q} --pdf {output.pdf:q}"
        " --csv {output.csv:q} --caption {output.caption:q} > {log:q} 2>&1"


rule findings:
    input:
        protocols=INPUTS.protocols,
        files=INPUTS.findings_files,
        template=located(paths.FINDINGS_TEMPLATE),
        code=code("serflow.cli.findings"),
    output:
        systems=report(
            REPORT.findings["systems"],
            caption="../report/findings.rst",
            category="A page of findings",
            labels={"page": "its numbers"},
        ),
        claims=REPORT.findings["claims"],
        picture=REPORT.findings["picture"],
        page=report(
            REPORT.findings["page"],
            caption="../report/findings.rst",
            category="A page of findings",
            labels={"page": "the page"},
        ),
        pdf=REPORT.findings["pdf"],
        text=REPORT.findings["text"],
    log:
        "logs/findings.log",
    benchmark:
        "benchmarks/findings.tsv"
    localrule: True
    conda:
        "../../envs/serflow.yaml"
    params:
        spec=INPUTS.findings_spec,
    shell:
        "python -m serflow.cli.findings --spec {params.spec:q} --template {input.template:q} --systems {output.systems:q}"
        " --claims {output.claims:q} --picture {output.picture:q} --page {output.page:q} --pdf {output.pdf:q}"
        " --text {output.text:q} > {log:q} 2>&1"


rule digests:
    input:
        protocols=INPUTS.protocols,
        parts=INPUTS.report_items,
        more=INPUTS.exported,
        release_check=REPORT.release_check,
        other_checks=list(REPORT.other_checks.values()),
        manifest=DATA.manifest_fingerprint,
        declared=declared_sources(WORKFLOW),
        code=code("serflow.cli.digests"),
    output:
        REPORT.digests,
    log:
        "logs/digests.log",
    benchmark:
        "benchmarks/digests.tsv"
    localrule: True
    conda:
        "../../envs/serflow.yaml"
    params:
        config=canonical_json(config),
    shell:
        "python -m serflow.cli.digests --config {params.config:q} --output {output:q} > {log:q} 2>&1"


rule pdf:
    input:
        protocols=INPUTS.protocols,
        parts=INPUTS.report_items,
        release_check=REPORT.release_check,
        other_checks=list(REPORT.other_checks.values()),
        digests=REPORT.digests,
        libraries=INPUTS.libraries,
        release=DATA.release_fingerprint,
        template=located(paths.TEMPLATE),
        page=located(paths.FINDINGS_TEMPLATE),
        code=code("serflow.cli.pdf"),
    output:
        report(paths.PDF, caption="../report/all_tables.rst", category="All tables and figures"),
    log:
        "logs/pdf.log",
    benchmark:
        "benchmarks/pdf.tsv"
    localrule: True
    conda:
        "../../envs/serflow.yaml"
    params:
        config=canonical_json(config),
        made_by=INPUTS.made_by,
        document=INPUTS.document,
    shell:
        "python -m serflow.cli.pdf --config {params.config:q} --made-by {params.made_by:q}"
        " --template {input.template:q} --page {input.page:q} --output {output:q} 2>&1 | tee {log:q}"


rule web_page:
    input:
        protocols=INPUTS.protocols,
        parts=INPUTS.report_items,
        release_check=REPORT.release_check,
        other_checks=list(REPORT.other_checks.values()),
        digests=REPORT.digests,
        libraries=INPUTS.libraries,
        release=DATA.release_fingerprint,
        template=located(paths.WEB_TEMPLATE),
        code=code("serflow.cli.web_page"),
    output:
        report(paths.WEB_PAGE, caption="../report/all_tables.rst", category="All tables and figures"),
    log:
        "logs/web_page.log",
    benchmark:
        "benchmarks/web_page.tsv"
    localrule: True
    conda:
        "../../envs/serflow.yaml"
    params:
        config=canonical_json(config),
        made_by=INPUTS.made_by,
        document=INPUTS.document,
    shell:
        "python -m serflow.cli.web_page --config {params.config:q} --made-by {params.made_by:q}"
        " --template {input.template:q} --output {output:q} > {log:q} 2>&1"
