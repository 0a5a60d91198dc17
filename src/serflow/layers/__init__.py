"""Building blocks of networks; no YAML names them."""
