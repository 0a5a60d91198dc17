"""A finished report as one file that leaves the machine: what is in it, what is withheld, its digests and metadata."""
