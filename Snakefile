"""From a release to reports/all_tables.pdf. What is run is data: config.yaml and workflow/."""


include: "workflow/Snakefile"


workflow.default_target = "all"  # what is included may not set it
