"""The workflow on a real SLURM: `make slurm-test`."""
