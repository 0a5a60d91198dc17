"""Faults that machines have, put into a small project while it is made: `make faults-test`.

After each, the next call ends with the bytes of a run without faults, or names what is wrong and how to go on.
"""
