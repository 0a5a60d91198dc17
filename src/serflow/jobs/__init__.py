"""One training job: from a fold table to predictions, model and run.json."""
