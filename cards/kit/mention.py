"""Add mentions to a card for a channel or group, so that its readers notice it."""

import re
from collections.abc import Sequence

from microsoft_teams.cards import TextBlock

from cards.kit import text
from cards.kit.elements import Content, card
from domain.people import Person

_MOST = 20
"""The most people that one card mentions; Teams notifies no more."""
_UNMARKED = frozenset(" '.,-")
"""What a name can contain besides letters and digits: markdown is live in a mention."""
_FULL_STOP = re.compile(r"\.(?=\w)")


def with_mentions(content: Content, people: Sequence[Person], trusted_text: str) -> Content:
    """Return a card that mentions people below its header, followed by ``trusted_text``."""
    named = [(person, _name(person)) for person in people[:_MOST]]
    if not named:
        return content
    said = f"{', '.join(f'<at>{name}</at>' for _, name in named)} {trusted_text}"
    line = card([TextBlock(text=said, wrap=True, spacing="Medium")])["body"]
    first, *others = content["body"]
    entities = [
        {
            "type": "mention",
            "text": f"<at>{name}</at>",
            # Teams accepts an Entra object id as a member's id.
            "mentioned": {"id": person.object_id, "name": name},
        }
        for person, name in named
    ]
    return {**content, "body": [first, *line, *others], "msteams": {"entities": entities}}


def _name(person: Person) -> str:
    """Return a name without anything that could be markup or close the mention."""
    shown = "".join(
        each if each.isalnum() or each in _UNMARKED else " " for each in text.name_of(person)
    )
    # A full stop inside a word would turn it into a link.
    return " ".join(_FULL_STOP.sub(" ", shown).split()) or person.object_id
