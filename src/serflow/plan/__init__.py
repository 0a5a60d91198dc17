"""From the YAML files to the runs, their resolved specs and what the report asks for. Light: Snakemake imports it."""
