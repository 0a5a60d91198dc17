"""What identifies a result: the key of a run, the source files that it rests on, its record and its networks."""
