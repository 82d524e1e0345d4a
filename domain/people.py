"""People from the directory, and actors verified by Teams."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Someone in the directory, by Entra object ID; ``name`` and ``email`` are for display."""

    object_id: str
    name: str
    email: str = ""
    guest: bool | None = False
    """Whether the person is a guest from another organisation; None if unknown."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A verified person: tenant and object ID from the activity, never from a card's data."""

    tenant_id: str
    object_id: str
    name: str

    def as_person(self) -> Person:
        return Person(self.object_id, self.name)


@dataclass(frozen=True, slots=True)
class Group:
    """A group in the directory, by Entra object ID; ``name`` is for display."""

    object_id: str
    name: str


def is_approver(actor: Actor, approvers: Iterable[Person]) -> bool:
    return any(person.object_id == actor.object_id for person in approvers)


def is_guest_name(user_principal_name: object) -> bool:
    """Return whether a user principal name has the form that Entra gives guests."""
    return isinstance(user_principal_name, str) and "#ext#" in user_principal_name.lower()
