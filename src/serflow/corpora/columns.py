"""Columns of a corpus's table, by the names that serflow gives them."""

REQUIRED = ("path", "label", "speaker")
OPTIONAL = ("utterance", "session", "dialog", "group", "style", "sex", "text", "start", "end")
COLUMNS = (*REQUIRED, *OPTIONAL)
