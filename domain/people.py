"""People from the directory, and actors verified by Teams."""

from collections.abc import Collection, Iterable
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


NO_GROUPS: frozenset[str] = frozenset()
"""The memberships of someone who is in no group, or whose groups don't matter."""


@dataclass(frozen=True, slots=True)
class Principals:
    """The people and groups that a rule names."""

    people: tuple[Person, ...] = ()
    groups: tuple[Group, ...] = ()

    def include(self, person_id: str, memberships: Collection[str]) -> bool:
        """Return whether a person is among them, in person or as a member of a group.

        ``memberships`` are the IDs of the person's groups, which were just checked.
        """
        in_person = any(person.object_id == person_id for person in self.people)
        return in_person or any(group.object_id in memberships for group in self.groups)

    def without(self, person_ids: Collection[str]) -> "Principals":
        """Return them without these people; they may still be members of the groups."""
        people = tuple(one for one in self.people if one.object_id not in person_ids)
        return Principals(people, self.groups)

    @property
    def ids(self) -> frozenset[str]:
        """The object IDs of the people and groups."""
        people = (one.object_id for one in self.people)
        return frozenset((*people, *(one.object_id for one in self.groups)))


NO_ONE = Principals()


def is_approver(actor: Actor, approvers: Iterable[Person]) -> bool:
    return any(person.object_id == actor.object_id for person in approvers)


def is_guest_name(user_principal_name: object) -> bool:
    """Return whether a user principal name has the form that Entra gives guests."""
    return isinstance(user_principal_name, str) and "#ext#" in user_principal_name.lower()
