"""A page of results on one corpus: what is trained for it, what of that is finished, and what its numbers say."""
