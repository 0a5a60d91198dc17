"""What is said: transcripts as words, and a vector for each word."""

GIVEN = "given"  # in a spec, in place of word2vec's settings: the vectors of the file that the configuration names
