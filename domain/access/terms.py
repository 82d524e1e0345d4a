"""The terms of a request: who decides, and within which bounds."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from domain.access.rules.deciders import decides, groups_in, named_in
from domain.access.rules.step_up_rule import NO_STEP_UP, StepUpRule
from domain.people import Group, Person, Principals


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The policies' terms when the request was made; they stay the same until it ends.

    The exception is who decides: ``approvers`` and ``escalation`` follow the policy in force, and
    ``min_approvals`` follows it when it grows.
    """

    approvers: tuple[Person, ...]
    """Who gets a card; they also decide, unless ``deciders`` say who does."""
    min_approvals: int
    shortest: timedelta = timedelta(minutes=5)
    longest: timedelta = timedelta(hours=4)
    """The bounds of the window, from the grant to its end, including extensions."""
    extend_freely: bool = False
    """Whether an extension within the bounds needs no new approval."""
    escalation: tuple[Person, ...] = ()
    """Who is also asked if no one has decided for a while."""
    requests_per_hour: int | None = None
    """How many requests and extensions one person can ask for per hour; None for no limit."""
    step_up: StepUpRule = NO_STEP_UP
    """What has to be confirmed with a fresh sign-in; the policy in force can add to it."""
    deciders: tuple[Principals, ...] = ()
    """Those whom each secret's rule names, if one of them names a group; empty otherwise.

    Someone decides who is among all of them when they do."""
    in_channel: bool = False
    """Whether the channel gets a card too, because a group has too many members."""
    later_deciders: tuple[Principals, ...] = ()
    """The ``deciders`` after escalation, if there is one."""
    later_in_channel: bool = False

    @property
    def named(self) -> Principals:
        """The people and groups to show as the approvers."""
        return named_in(self.deciders, self.approvers)

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups whose members may decide."""
        return groups_in(self.deciders)

    def let_decide(self, person_id: str, memberships: Collection[str]) -> bool:
        """Return whether a person is one of those who decide."""
        return decides(self.deciders or (Principals(self.approvers),), person_id, memberships)


@dataclass(frozen=True, slots=True)
class Reviewers:
    """Who reviews break-glass access in place of approvers who are all gone: the admins."""

    asked: tuple[Person, ...]
    """Who gets a card."""
    named: Principals
    """Who can review it."""
