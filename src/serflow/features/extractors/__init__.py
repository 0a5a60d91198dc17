"""Extractors, one a file; `extractor:` in workflow/features.yaml names the file."""
