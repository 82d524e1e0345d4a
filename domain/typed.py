"""What people type: how long it can be, and how a record of too much shows that it is cut."""

LONGEST_REASON = 500
"""Characters of a reason or a note that goes with an answer."""


def shortened(text: str, longest: int) -> str:
    """Return a text of at most ``longest`` characters; the last one says if something is missing.

    This is for records of what was refused. What is done for a text isn't done for a part of it.
    """
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
