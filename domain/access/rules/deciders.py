"""Who decides about a request whose rules name people and groups."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from domain.people import NO_ONE, Group, Person, Principals


@dataclass(frozen=True, slots=True)
class Deciders:
    """Who decides about one secret: its approvers, and those it's escalated to."""

    approvers: Principals
    escalation: Principals = NO_ONE

    @property
    def sooner_or_later(self) -> Principals:
        """Who decides once the request has been escalated."""
        people = (*self.approvers.people, *self.escalation.people)
        groups = (*self.approvers.groups, *self.escalation.groups)
        return Principals(tuple(dict.fromkeys(people)), tuple(dict.fromkeys(groups)))


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoDecide:
    """Who decides about a whole request, and who of them is asked.

    If no rule names a group, the ``approvers`` decide. Otherwise ``deciders`` are those whom each
    secret's rule names: someone decides who is among all of them at that moment.
    """

    approvers: tuple[Person, ...]
    """Who gets a card."""
    deciders: tuple[Principals, ...] = ()
    in_channel: bool = False
    """Whether the channel gets a card too, because a group has too many members."""
    escalation: tuple[Person, ...] = ()
    """Who gets a card after escalation."""
    later_deciders: tuple[Principals, ...] = ()
    """The ``deciders`` after escalation."""
    later_in_channel: bool = False
    are_enough: bool = True
    """Whether the quorum can be reached without those involved, as far as it can be counted."""

    @property
    def named(self) -> Principals:
        return named_in(self.deciders, self.approvers)


def decides(rules: Sequence[Principals], person_id: str, memberships: Collection[str]) -> bool:
    """Return whether someone can decide: every rule has to name them or one of their groups."""
    return bool(rules) and all(each.include(person_id, memberships) for each in rules)


def distinct_rules(rules: Iterable[Principals]) -> tuple[Principals, ...]:
    """Return each rule once: two secrets often have the same one."""
    return tuple(dict.fromkeys(rules))


def groups_in(rules: Iterable[Principals]) -> tuple[Group, ...]:
    """Return the groups that any of the rules names, each once."""
    found = {group.object_id: group for each in rules for group in each.groups}
    return tuple(found.values())


def named_in(rules: Sequence[Principals], people: tuple[Person, ...]) -> Principals:
    """Return the people and groups that every rule names; without rules, or any, these people."""
    ids = [each.ids for each in rules]
    in_person = {one.object_id: one for each in rules for one in each.people}
    named = Principals(
        tuple(one for one in in_person.values() if all(one.object_id in each for each in ids)),
        tuple(one for one in groups_in(rules) if all(one.object_id in each for each in ids)),
    )
    return named if named.ids else Principals(people)


def are_same(some: Sequence[Principals], others: Sequence[Principals]) -> bool:
    """Return whether rules name the same people and groups, whatever their names are now."""
    return {each.ids for each in some} == {each.ids for each in others}
