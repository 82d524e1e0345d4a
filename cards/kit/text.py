r"""Clean text from people and from Azure for display.

Cards put such text only into ``TextRun`` and input values: no markdown is interpreted there,
unlike in ``TextBlock``, ``Fact`` and choice titles. What still has to be removed are characters
that deceive the eye (control, bidirectional, invisible) and the date functions that renderers
expand everywhere.
"""

import re

from cards.languages.texts import listed, say
from domain.people import Actor, Group, Person, Principals
from domain.visible import visible

LONGEST_NAME = 80
LONGEST_TEXT = 1_000
_LONGEST_ID = 127  # Key Vault's limit for a secret's name
_MOST_LINES = 12
_SHORT_VERSION = 8

_DATE_FUNCTION = re.compile(r"\{(?=\{(?:DATE|TIME)\()")
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
    return visible(broken)


def _shown(text: str, longest: int) -> str:
    """Shorten a text, and break up functions that a renderer would expand."""
    inert = _DATE_FUNCTION.sub("{ ", text)
    return inert if len(inert) <= longest else f"{inert[: longest - 1].rstrip()}…"
