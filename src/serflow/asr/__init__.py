"""The teachers of zhao2021, ASR networks: from words and phones to their jobs and hypotheses."""
