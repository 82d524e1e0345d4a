"""Mentions in a card that goes to a channel or a group, so that whom it is for notices it."""

import re
from collections.abc import Sequence

from microsoft_teams.cards import TextBlock

from cards.kit import text
from cards.kit.elements import Content, card
from domain.people import Person

_MOST = 20
"""How many people one card mentions; Teams notifies of no more."""
_UNMARKED = frozenset(" '.,-")
"""What a name may hold beside letters and digits: a mention lies where markdown is live."""
_FULL_STOP = re.compile(r"\.(?=\w)")


def with_mentions(content: Content, people: Sequence[Person], own_words: str) -> Content:
    """Return a card that mentions people under its band, followed by what they are told."""
    named = [(person, _name(person)) for person in people[:_MOST]]
    if not named:
        return content
    said = f"{', '.join(f'<at>{name}</at>' for _, name in named)} {own_words}"
    line = card([TextBlock(text=said, wrap=True, spacing="Medium")])["body"]
    first, *others = content["body"]
    entities = [
        {
            "type": "mention",
            "text": f"<at>{name}</at>",
            # Teams takes an Entra object id for the id of a member.
            "mentioned": {"id": person.object_id, "name": name},
        }
        for person, name in named
    ]
    return {**content, "body": [first, *line, *others], "msteams": {"entities": entities}}


def _name(person: Person) -> str:
    """Return a name in which nothing can be markup, or close the mention."""
    shown = "".join(
        each if each.isalnum() or each in _UNMARKED else " " for each in text.name_of(person)
    )
    # A full stop within a word would make a link of it.
    return " ".join(_FULL_STOP.sub(" ", shown).split()) or person.object_id
