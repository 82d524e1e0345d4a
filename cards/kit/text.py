r"""Clean text from people and from Azure for display.

Cards put such text only into ``TextRun`` and input values: no markdown is interpreted there,
unlike in ``TextBlock``, ``Fact`` and choice titles. What still has to be removed are characters
that deceive the eye (control, bidirectional, invisible) and the date functions that renderers
expand everywhere.
"""

import re
import unicodedata

from cards.languages.texts import listed, say
from domain.people import Actor, Group, Person, Principals

LONGEST_NAME = 80
LONGEST_TEXT = 1_000
_LONGEST_ID = 127  # Key Vault's limit for a secret's name
_MOST_LINES = 12
_SHORT_VERSION = 8
_MOST_KNOWN = 10_000  # characters: sending every possible one must not fill the memory

# Invisible, but letters, marks or symbols in Unicode: fillers, combining joiner, blank braille.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_DATE_FUNCTION = re.compile(r"\{(?=\{(?:DATE|TIME)\()")
_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs"})
_FIRST_OF_LAST_PLANES = "\U000e0000"  # tags, spare variation selectors, private use
# Look-alikes (single angle quotation marks, …) for characters that could open a tag or a link.
_UNMARKED = str.maketrans({"<": "\u2039", ">": "\u203a", "[": "(", "]": ")", "`": "'"})


def line(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return ``text`` on one line, cleaned, at most ``longest`` characters."""
    return _shown(" ".join(_visible(text).split()), longest)


def short_version(version: str | None) -> str:
    """Shorten a version's id (32 hexadecimal digits) so that people can compare it."""
    return line((version or "")[:_SHORT_VERSION]) or say("not known")


def lines(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return ``text`` cleaned with its line breaks, without empty lines.

    A text of many lines keeps its words but not all of its line breaks, so it can't push what
    follows off the screen.
    """
    filled = [" ".join(each.split()) for each in _visible(text).split("\n")]
    filled = [each for each in filled if each]
    head, rest = filled[: _MOST_LINES - 1], filled[_MOST_LINES - 1 :]
    return _shown("\n".join([*head, " ".join(rest)] if rest else head), longest)


def id_of(name: str) -> str:
    """Return a secret's or vault's name, cleaned: a requested name may be any text."""
    return line(name, _LONGEST_ID)


def name_of(person: Person | Actor) -> str:
    """Return a person's name for cards, or the object id if nothing of the name is visible."""
    return line(person.name, LONGEST_NAME) or person.object_id


def names_of(people: tuple[Person, ...]) -> str:
    return listed([name_of(person) for person in people])


def approvers_of(named: Principals) -> str:
    """Name people and the members of groups: ``Ada, Bo and members of Payments approvers``."""
    return listed([*map(name_of, named.people), *map(members_of, named.groups)])


def members_of(group: Group) -> str:
    return say("members of {group}", group=group_name_of(group))


def group_name_of(group: Group) -> str:
    """Return a group's name for cards, or the object ID if nothing of the name is visible."""
    return line(group.name, LONGEST_NAME) or group.object_id


def plain(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return ``text`` for a notification: one line that can't open a tag or a link."""
    return line(text, longest).translate(_UNMARKED)


def typed(text: str, longest: int) -> str:
    """Return typed text for further editing: cleaned, otherwise unchanged."""
    return _visible(text)[:longest]


def _visible(text: str) -> str:
    """Drop invisible characters and make all line breaks the same."""
    broken = text.replace("\r\n", "\n").replace("\r", "\n")
    broken = broken.replace("\u2028", "\n").replace("\u2029", "\n").replace("\t", " ")
    return broken.translate(_SEEN)


class _Seen(dict[int, int | None]):
    """A cache of how each character is shown; without it a long text would take 10 ms."""

    def __missing__(self, code: int) -> int | None:
        seen = code if _is_visible(chr(code)) else None
        if len(self) < _MOST_KNOWN:
            self[code] = seen
        return seen


def _is_visible(character: str) -> bool:
    return character == "\n" or (
        unicodedata.category(character) not in _UNSEEN_CATEGORIES
        and character not in _INVISIBLE
        and character < _FIRST_OF_LAST_PLANES
    )


_SEEN = _Seen()


def _shown(text: str, longest: int) -> str:
    """Shorten a text, and break up functions that a renderer would expand."""
    inert = _DATE_FUNCTION.sub("{ ", text)
    return inert if len(inert) <= longest else f"{inert[: longest - 1].rstrip()}…"
