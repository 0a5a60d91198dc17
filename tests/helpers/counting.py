"""An action that a process of its own can import."""


def counter():
    """An action that returns 1, 2, 3, ..."""
    state = {"number": 0}

    def again():
        state["number"] += 1
        if state["number"] == 3:
            raise ValueError("the third time")
        return state["number"]

    return again
