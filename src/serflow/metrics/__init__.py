"""Metrics from stored predictions: counts, rates, selection rules, intervals, paired tests."""

UNSHARED = "_unshared"  # ends the names of metrics of those test utterances whose words were not trained on
DEVELOPMENT = "_development"  # of the validation part, at the epoch at which the test part is scored
