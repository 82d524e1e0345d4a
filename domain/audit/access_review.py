"""Access review: who had which access how often in a period, and what of the rules nobody used."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.access.request import AccessEvent, Request, RequestState
from domain.audit.unused import Acted, PolicyRight, UnusedRight
from domain.people import Actor, Person
from domain.policies.rule import Rule, Rules
from domain.workflow import Event

USUAL = timedelta(days=90)

LONGEST = timedelta(days=366)

_OVER = frozenset({AccessEvent.REVOKED, AccessEvent.CLOSED, AccessEvent.FAILED})

_OPEN = frozenset({RequestState.ACTIVE, RequestState.REVOKING, RequestState.STUCK})

_DECISIONS = frozenset(
    {
        AccessEvent.APPROVED,
        AccessEvent.DENIED,
        AccessEvent.EXTENSION_ALLOWED,
        AccessEvent.EXTENDED,
        AccessEvent.EXTENSION_DENIED,
        AccessEvent.REVIEWED,
    }
)


@dataclass(frozen=True, slots=True)
class Period:
    """From when to when: both included."""

    since: datetime
    until: datetime

    def covers(self, at: datetime) -> bool:
        return self.since <= at <= self.until

    def share(self, start: datetime, end: datetime) -> timedelta:
        """Return how much of the time between these two is in the period."""
        return max(timedelta(), min(end, self.until) - max(start, self.since))


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One person's access to one secret in the period."""

    person: Person
    secret: str
    vault: str
    rule: str
    """The rule that covers the secret now; empty if none does."""
    granted: int
    """How often access was granted in the period."""
    broke_glass: int
    """How often of these it was break-glass access."""
    by_rule: int
    """How often of these a rule of the policy approved it, without an approver."""
    whole_vault: int
    """How often of these it opened the whole vault."""
    last_granted: datetime | None
    """None if it was granted before the period, and held in it."""
    held: timedelta
    """The time of all its grants in the period; those at the same time count each."""
    is_held_now: bool
    approver: Person | None
    """Who approved it most often; None if no approver did."""
    approved: int
    """How often that person did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessReview:
    """What happened in the period, and what of today's rules nobody used in it."""

    period: Period
    read_since: datetime
    """From when on requests were read: some that were made earlier lasted into the period."""
    requests: int
    """How many requests were read."""
    unreadable: int
    """How many of the period's workflows couldn't be read, so that they aren't counted."""
    holdings: tuple[Holding, ...]
    """The most frequent first."""
    unused_rules: tuple[Rule, ...]
    """The rules that nobody had access by."""
    unused_rights: tuple[UnusedRight, ...]
    unknown: tuple[str, ...]
    """Whom the rules name, but who couldn't be looked up: nothing is said about them."""


@dataclass(slots=True)
class _Sum:
    """A holding while it is added up."""

    person: Person
    secret: str
    vault: str
    granted: int = 0
    broke_glass: int = 0
    by_rule: int = 0
    whole_vault: int = 0
    last_granted: datetime | None = None
    held: timedelta = timedelta()
    is_held_now: bool = False
    approvers: Counter[str] = field(default_factory=Counter)


class Tally:
    """Adds up requests, one at a time, so that memory grows with people and secrets only."""

    def __init__(self, period: Period, rules: Rules) -> None:
        self._period = period
        self._rules = rules
        self._sums: dict[tuple[str, str, str], _Sum] = {}
        self._names: dict[str, Actor] = {}
        self._rule_of: dict[str, str] = {}
        self.requests = 0
        self.used: set[str] = set()
        """The names of the rules that someone had access by."""
        self.acted: Acted = {}
        """Who used which right under which rule."""

    def add(self, request: Request, events: Sequence[Event]) -> None:
        """Count a request with its events; each request once."""
        self.requests += 1
        self._note_rights(request, events)
        start = request.grant.granted_at if request.grant else None
        if start is None or start > self._period.until:
            return
        end = next((event.at for event in events if event.kind in _OVER), self._period.until)
        if end < self._period.since:
            return
        for target in request.targets:
            key = (request.holder.object_id, target.vault.casefold(), target.secret.casefold())
            one = self._sums.setdefault(key, _Sum(request.holder, target.secret, target.vault))
            one.held += self._period.share(start, end)
            one.is_held_now |= request.state in _OPEN
            self.used.add(self.rule_of(target.secret))
            if not self._period.covers(start):
                continue
            one.granted += 1
            one.broke_glass += request.broke_glass
            one.by_rule += request.approved_by_rule is not None
            one.whole_vault += "/secrets/" not in target.scope.lower()
            one.last_granted = max(start, one.last_granted or start)
            one.approvers.update(approval.approver.object_id for approval in request.approvals)
            self._names |= {one.approver.object_id: one.approver for one in request.approvals}

    def holdings(self) -> tuple[Holding, ...]:
        """Return who had which access, the most frequent first."""
        found = [self._holding(one) for one in self._sums.values()]
        return tuple(
            sorted(found, key=lambda one: (-one.granted, -one.held, one.person.name, one.secret))
        )

    def rule_of(self, secret: str) -> str:
        """Return the name of the rule that covers a secret now; empty if none does."""
        name = secret.casefold()
        if name not in self._rule_of:
            rule = self._rules.of(secret)
            self._rule_of[name] = rule.name if rule and rule.access else ""
        return self._rule_of[name]

    def _note_rights(self, request: Request, events: Sequence[Event]) -> None:
        rules = {self.rule_of(target.secret) for target in request.asked_for} - {""}
        for event in events:
            if not self._period.covers(event.at):
                continue
            for right, people in _rights_used(request, event):
                for rule in rules:
                    self.acted.setdefault((rule, right), set()).update(people)

    def _holding(self, one: _Sum) -> Holding:
        approver, approved = max(
            one.approvers.items(), key=lambda each: (each[1], each[0]), default=("", 0)
        )
        return Holding(
            person=one.person,
            secret=one.secret,
            vault=one.vault,
            rule=self.rule_of(one.secret),
            granted=one.granted,
            broke_glass=one.broke_glass,
            by_rule=one.by_rule,
            whole_vault=one.whole_vault,
            last_granted=one.last_granted,
            held=one.held,
            is_held_now=one.is_held_now,
            approver=self._names[approver].as_person() if approver else None,
            approved=approved,
        )


def _rights_used(request: Request, event: Event) -> list[tuple[PolicyRight, set[str]]]:
    """Return which rights an event used, and whose."""
    if event.kind == AccessEvent.REQUESTED:
        return [(PolicyRight.REQUEST, set(request.involved))]
    if event.kind == AccessEvent.BROKE_GLASS:
        return [(PolicyRight.BREAK_GLASS, {request.requester.object_id})]
    by = event.actor.object_id if event.actor else ""
    if event.kind in _DECISIONS and by and by not in request.involved:
        return [(PolicyRight.APPROVE, {by})]
    return []
