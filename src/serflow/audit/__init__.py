"""A number of the report walked back to the release: what is on disk, held against what it says of itself."""
