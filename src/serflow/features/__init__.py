"""Feature extractors, one a file, and the packed store that they write."""
