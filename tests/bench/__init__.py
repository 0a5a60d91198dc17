"""Benchmarks of serflow: one module of `bench.rows` each, run by `make bench`, none of them a test.

A module of `bench.rows` has a docstring (it goes into docs/benchmarks.md as it stands) and `run(bench)`, which takes a
`Bench` and returns a list of `Row`. `ONLY_BY_NAME = True` keeps it out of a plain `make bench`. Nothing else is to be
registered: the file name is the registry.
"""
