"""Metrics from stored predictions: families of metrics, selection of epochs, intervals, paired tests.

The life of a number, here the UA in table2.csv:

1. `jobs.record` writes the probabilities of every utterance after every epoch: predictions.parquet. Its own UA, on the
   validation part, only says which weights are kept as the best.
2. `metrics.run_files` checks that file, `metrics.selection` chooses an epoch by each rule of selection, and what is
   left of the run is a `ScoredRun`: the probabilities of that epoch.
3. `metrics.confusion` says what an utterance adds (a confusion count), and that UA is the mean of the recalls of a sum.
4. `metrics.scoring` adds up the utterances of all folds, takes UA of each seed's sum and the mean over the seeds, draws
   the intervals and tests the pairs; `cli.score` (rule `score`) writes scores.csv, runs.csv, confusion.csv, pairs.csv.
5. `reporting.scores` reads these files, for tables and figures; `reporting.table_rows` sets the paper's number beside
   it: table2.csv (rule `table`). `reporting.layout` rounds it for the PDF.
6. `serflow audit` walks back, and computes UA anew in `audit.recompute`, which shares no code with this package.
"""
