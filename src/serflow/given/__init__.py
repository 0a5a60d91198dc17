"""Predictions of systems that were trained elsewhere: checked against a fold table, stored, and scored like ours."""
