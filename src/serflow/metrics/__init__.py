"""Metrics from stored predictions: families of metrics, selection of epochs, intervals, paired tests.

How a number comes about, from the YAML to the PDF: docs/architecture.md, "The life of a number".
"""
