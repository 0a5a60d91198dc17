#!/bin/sh
# Inside an image of Debian 12: Python, then what envs/install.sh installs, beside the checkout in /opt/serflow.
set -eu
apt-get update
DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends ca-certificates python3 python3-venv
rm -rf /var/lib/apt/lists/*
python3 -m venv /opt/venv
PIP_NO_CACHE_DIR=1 sh /opt/serflow/envs/install.sh /opt/venv/bin/python
# a home for whoever runs it: Snakemake and numba keep caches there
mkdir -p -m 1777 /home/serflow
