"""Metrics from stored predictions: counts, rates, selection rules, intervals, paired tests."""

UNSHARED = "_unshared"  # ends the names of metrics of those test utterances whose words were not trained on
UNSEEN = "_unseen"  # of error rates: over those test utterances whose line is that of no training utterance
DEVELOPMENT = "_development"  # of the validation part, at the epoch at which the test part is scored
