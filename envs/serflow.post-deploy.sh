# Snakemake runs this in the environment that conda has made of serflow.yaml.
exec sh "$(dirname "$0")/install.sh" "${CONDA_PREFIX:?is not set: run this in a conda environment}/bin/python"
