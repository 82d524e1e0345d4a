"""The answers to a request: approvals, by people and by rules, denials and reviews."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.access.fresh_sign_in import FreshSignIn
from domain.access.target import Target
from domain.people import Actor
from domain.reasons import Reason


@dataclass(frozen=True, slots=True)
class Approval:
    """One approver's approval, with the limits they set if they allow less than requested."""

    approver: Actor
    at: datetime
    window: timedelta | None = None
    narrowed: bool = False
    sign_in: FreshSignIn | None = None
    """What confirmed it; None if nothing had to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleApproval:
    """The approval by rules of the policy, as they were at the time of the request."""

    tables: tuple[str, ...]
    """The names of the rules' tables in the policy file, each once."""
    conditions: str
    """What the rules asked for; older versions stored English words."""
    longest: timedelta
    """The longest access that all the rules approve, including extensions."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A requested secret that an approver left out: the grant doesn't include it."""

    target: Target
    by: Actor


@dataclass(frozen=True, slots=True)
class Review:
    """An approver's review of break-glass access."""

    approver: Actor
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Denial:
    """The denial that ended a request; ``approver`` is None if the policy refused it."""

    approver: Actor | None
    at: datetime
    reason: str = ""
    """What the approver wrote."""
    refusal: Reason | None = None
    """Why the policy refused it."""
