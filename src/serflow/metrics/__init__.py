"""Metrics from stored predictions: counts, rates, selection rules, intervals, paired tests."""
