"""What people put around what they mean: quotes, backticks, the full stop of a sentence."""

# Straight, curly and low quotes, guillemets, backticks, brackets.
_QUOTES = (
    "`\u00b4'\"\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u00ab\u00bb\u2039\u203a<>()[]{}*"
)
_STOPS = ".,;:!?\u2026"
_PAIRS = {
    "`": "`",
    '"': '"',
    "'": "'",
    "\u201c": "\u201d",
    "\u201e": "\u201c",
    "\u2018": "\u2019",
    "\u00ab": "\u00bb",
}
_MOST_PAIRS = 3  # as many backticks as begin a block of code


def bare(word: str) -> str:
    """Return a word without quotes around it and stops after it; one of nothing else as it is.

    None of these can be a part of a secret's name, an id or a duration.
    """
    return word.rstrip(_QUOTES + _STOPS).lstrip(_QUOTES) or word


def unquoted(line: str) -> str:
    """Return a line without the quotes around all of it, as commands stand in a manual."""
    for _ in range(_MOST_PAIRS):
        if len(line) < 2 or _PAIRS.get(line[0]) != line[-1]:
            break
        line = line[1:-1].strip()
    return line
