"""serflow: five papers on attention for speech emotion recognition as one reproducible workflow."""
