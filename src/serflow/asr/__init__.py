"""The teacher of zhao2021: a speech recogniser, from words and phones to its job and what it wrote."""
