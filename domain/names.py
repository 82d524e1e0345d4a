"""Lists of names: in facts, where they are in no language, and in English sentences."""

from collections.abc import Iterable, Sequence

from domain.people import Actor, Person


def joined(names: Sequence[str]) -> str:
    """Join names for a fact of an event; cards list them. Older versions stored ``a, b and c``."""
    return ", ".join(names)


def joined_ids(people: Iterable[Person | Actor]) -> str:
    """Join people's object IDs for a fact: an ID never contains a space."""
    return " ".join(person.object_id for person in people)


def listed(names: Sequence[str]) -> str:
    """Join names for an English sentence: ``a, b and c``."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
