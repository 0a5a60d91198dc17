#!/bin/sh
# `make container`: an image by whichever builder is here. With Apptainer container.sif, which `snakemake --sdm apptainer`
# takes; with the others an image named serflow. BASE is an image of Debian 12, and what follows goes to the builder.
set -eu
cd "$(dirname "$0")/.."
if command -v apptainer > /dev/null; then
  exec apptainer build "$@" container.sif envs/serflow.def
fi
for builder in podman buildah docker; do
  # a client may be here without an engine that builds
  if command -v $builder > /dev/null && $builder info > /dev/null 2>&1; then
    exec $builder build --file envs/Dockerfile --tag serflow ${BASE:+--build-arg BASE="$BASE"} "$@" .
  fi
done
echo "make container: no image was built: neither apptainer, podman, buildah nor a docker with its engine runs here" >&2
exit 1
