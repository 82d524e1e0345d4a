"""Strip what people type around words and lines: quotes, full stops, the bot's name."""

from domain.visible import visible

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
_MOST_PAIRS = 3  # a code block starts with three backticks


def bare(word: str) -> str:
    """Strip surrounding quotes and trailing full stops; keep a word that is nothing else.

    None of these characters can be part of a secret's name, an id or a duration, and neither can
    the invisible ones that come with copied text.
    """
    seen = visible(word)
    return seen.rstrip(_QUOTES + _STOPS).lstrip(_QUOTES) or seen


def without_stops(text: str) -> str:
    """Strip the full stops behind a text, as behind a name at the end of a question."""
    return text.rstrip(_STOPS)


def without_unseen_words(line: str) -> str:
    """Leave out words of which nothing is visible, and what is invisible around the line."""
    if line.isascii():
        return line
    kept = (
        [word for word in each.split(" ") if not word or visible(word)] for each in line.split("\n")
    )
    whole = "\n".join(map(" ".join, kept))
    seen = visible(whole)
    at = whole.find(seen[:1])
    return whole[at : whole.rfind(seen[-1:]) + 1]


def unquoted(line: str) -> str:
    """Strip quotes around a whole line, as in a command copied from a manual."""
    for _ in range(_MOST_PAIRS):
        if len(line) < 2 or _PAIRS.get(line[0]) != line[-1]:
            break
        line = line[1:-1].strip()
    return line


_ADDRESSES = frozenset({"latchkey", "please", "hey", "ok", "okay"})
_MOST_ADDRESSES = 3


def without_address(line: str) -> str:
    """Strip how a command can begin in a chat: ``@Latchkey``, ``Latchkey,``, ``please``, ``/``.

    A line that is nothing else stays as it is.
    """
    for _ in range(_MOST_ADDRESSES):
        first, *rest = line.split(maxsplit=1)[:2] or [""]
        if not rest or not (first.startswith("@") or bare(first).casefold() in _ADDRESSES):
            break
        line = rest[0]
    return line[1:] if line[:1] in ("/", "!") and line[1:2].isalpha() else line
