"""The stand-in release: synthesised speech in the layout of IEMOCAP."""
