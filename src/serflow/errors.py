"""The one exception that users are meant to read."""


class UserError(Exception):
    """Something that the user can mend; the message names the file, key or value, what was expected, what to do."""
