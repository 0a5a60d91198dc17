"""What is said: transcripts as words, and a vector for each word."""

FROM_FILE = "file"  # in a spec, in place of word2vec's settings: the vectors of the file that the configuration names
