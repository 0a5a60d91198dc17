"""Readers of corpora, one a file: `read` makes a manifest of a release; the file name is the registry."""
