"""Approval by rule: when a request for a secret needs no approver."""

from dataclasses import dataclass, field
from datetime import timedelta

from domain.access.rules.hours import Hours
from domain.durations import write_duration
from domain.names import joined


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoApproval:
    """A rule that approves requests: all of it must hold.

    ``requesters`` as configured: emails, Entra object IDs or ``group:Name``.
    """

    table: str = field(compare=False)
    """The name of the table in the policy file that has the rule: a secret's, or a pattern."""
    requesters: tuple[str, ...]
    longest: timedelta
    """The longest access that it approves, including extensions."""
    hours: Hours | None = None
    ticket: bool = False
    """Whether the justification must name a ticket."""

    @property
    def conditions(self) -> str:
        """Its conditions as they are kept with each approval: ``requesters, max = 1h``.

        Older versions kept English words: ``named requesters, at most 1 hour``.
        """
        return joined(["requesters", *self.limits])

    @property
    def limits(self) -> tuple[str, ...]:
        """Its conditions besides the people, as a policy file has them: in no language."""
        hours = (f"hours = {self.hours.text}",) if self.hours else ()
        ticket = ("ticket = true",) if self.ticket else ()
        return (f"max = {write_duration(self.longest)}", *hours, *ticket)
