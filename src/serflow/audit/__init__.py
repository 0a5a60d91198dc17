"""A number of the report walked back to its audio: what is on disk, held against what it says of itself."""
