"""A summary of a period, computed from the workflows opened in it.

The card and the exported file both draw this one summary, so their numbers are the same.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.access.request import Request, RequestState
from domain.audit.access_review import Period
from domain.audit.history import Workflow
from domain.audit.intervals import Unit, intervals_of
from domain.audit.lateness import banded, lateness_of
from domain.audit.spread import Spread, spread_of
from domain.people import Actor, Person
from domain.rotation.rotation import Rotation
from domain.workflow import Event

USUAL = timedelta(days=30)

LONGEST = timedelta(days=366)

MOST = 2_000
"""The most workflows a report is computed from: the newest ones."""

Happened = tuple[Workflow, Sequence[Event]]
"""A workflow's head and its events."""


@dataclass(frozen=True, slots=True)
class Aged:
    """A rotated secret and the age of its current version; None if unknown."""

    secret: str
    vault: str
    age: timedelta | None


@dataclass(frozen=True, slots=True)
class Decider:
    """Someone who decided requests, and how often."""

    person: Person
    approved: int
    denied: int

    @property
    def decided(self) -> int:
        return self.approved + self.denied


@dataclass(frozen=True, slots=True)
class Interval:
    """What happened in a week or a month."""

    start: datetime
    requests: int
    grants: int
    decisions: Spread | None
    """How long the requests waited that people decided in this time; None if there were none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What happened in the period; counts are by state, most frequent first."""

    asked: Period
    """The period that was asked for."""
    counted_since: datetime
    """From when on everything was counted: later than ``asked`` if there was too much."""
    secret: str | None
    """The secret it is about; None for all."""
    requests: tuple[tuple[str, int], ...]
    rotations: tuple[tuple[str, int], ...]
    approved_by_people: int
    approved_by_rule: int
    """How many requests a rule of the policy approved, without an approver."""
    unit: Unit
    intervals: tuple[Interval, ...]
    """What happened in each week or month, the oldest first."""
    decisions: Spread | None
    """How long requests waited until people decided them; None if they decided none."""
    lateness: Spread | None
    """How late access ended; None if none had to."""
    late: tuple[int, ...]
    """How many were that late, by the ``BANDS`` in ``lateness``."""
    unconfirmed: int
    """How many an admin closed, so that nobody has seen that access is gone."""
    deciders: tuple[Decider, ...]
    """Who decided requests, the most frequent first."""
    active: int
    stuck: int
    """Everything that is stuck now, however old."""
    oldest: tuple[Aged, ...]
    """The rotated secrets, the oldest first."""
    requesters: tuple[tuple[Person, int], ...]
    """Who requested access how often, the most frequent first."""
    unreadable: int
    """How many workflows couldn't be read, so that they aren't counted."""

    @property
    def is_whole(self) -> bool:
        """Whether all of the period was counted."""
        return self.counted_since <= self.asked.since


def summarise(
    happened: Sequence[Happened],
    *,
    asked: Period,
    counted_since: datetime | None = None,
    secret: str | None = None,
    stuck: int,
    aged: Sequence[Aged],
    unreadable: int = 0,
) -> Report:
    """Summarise the workflows of a period."""
    since = counted_since or asked.since
    made = [(head, events) for head, events in happened if isinstance(head, Request)]
    requests = [request for request, _ in made]
    rotations = [head for head, _ in happened if isinstance(head, Rotation)]
    measured = (lateness_of(request, events, asked.until) for request, events in made)
    late = [each for each in measured if each is not None]
    unit, intervals = _intervals(requests, Period(since, asked.until))
    return Report(
        asked=asked,
        counted_since=since,
        secret=secret,
        requests=_by_state([request.state for request in requests]),
        rotations=_by_state([rotation.state for rotation in rotations]),
        approved_by_people=sum(_is_approved_by_people(request) for request in requests),
        approved_by_rule=sum(request.approved_by_rule is not None for request in requests),
        unit=unit,
        intervals=intervals,
        decisions=spread_of(took for _, took in _decided(requests)),
        lateness=spread_of(late),
        late=banded(late),
        unconfirmed=sum(request.state is RequestState.CLOSED for request in requests),
        deciders=_deciders(requests),
        active=sum(request.state is RequestState.ACTIVE for request in requests),
        stuck=stuck,
        oldest=tuple(sorted(aged, key=_age, reverse=True)),
        requesters=_requesters(requests),
        unreadable=unreadable,
    )


def _intervals(requests: Sequence[Request], period: Period) -> tuple[Unit, tuple[Interval, ...]]:
    found = intervals_of(period)
    made = Counter(found.index_of(request.requested_at) for request in requests)
    grants = [request.grant.granted_at for request in requests if request.grant]
    granted = Counter(found.index_of(at) for at in grants if at)
    waits: list[list[timedelta]] = [[] for _ in found.starts]
    for at, took in _decided(requests):
        index = found.index_of(at)
        if index is not None:
            waits[index].append(took)
    return found.unit, tuple(
        Interval(start, made[index], granted[index], spread_of(waits[index]))
        for index, start in enumerate(found.starts)
    )


def _is_approved_by_people(request: Request) -> bool:
    """Return whether enough approvers approved it, whatever became of the grant.

    The quorum can have grown since, for an extension.
    """
    is_complete = len(request.approvals) >= request.terms.min_approvals
    was_decided = is_complete and request.state is not RequestState.PENDING
    return bool(request.approvals) and (request.grant is not None or was_decided)


def _decided(requests: Iterable[Request]) -> list[tuple[datetime, timedelta]]:
    """Return when people decided requests, and how long each had waited."""
    decided = [(_decided_at(request), request.requested_at) for request in requests]
    return [(at, at - asked_at) for at, asked_at in decided if at is not None]


def _decided_at(request: Request) -> datetime | None:
    """Return when people decided it: with the last approval needed, or with the denial."""
    if _is_approved_by_people(request):
        return request.approvals[-1].at
    if request.denial and request.denial.approver:
        return request.denial.at
    return None


def _deciders(requests: Iterable[Request]) -> tuple[Decider, ...]:
    """Count each person's answers, also those that weren't enough on their own."""
    approved: Counter[str] = Counter()
    denied: Counter[str] = Counter()
    people: dict[str, Actor] = {}
    for request in requests:
        for approval in request.approvals:
            approved[approval.approver.object_id] += 1
            people[approval.approver.object_id] = approval.approver
        if request.denial and request.denial.approver:
            denied[request.denial.approver.object_id] += 1
            people[request.denial.approver.object_id] = request.denial.approver
    found = [
        Decider(actor.as_person(), approved[object_id], denied[object_id])
        for object_id, actor in people.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.decided, one.person.name)))


def _by_state(states: Sequence[str]) -> tuple[tuple[str, int], ...]:
    counts = Counter(str(state) for state in states)
    return tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _age(aged: Aged) -> timedelta:
    """Order by age; unknown ages come first, since the secret may never have been rotated."""
    return timedelta.max if aged.age is None else aged.age


def _requesters(requests: Sequence[Request]) -> tuple[tuple[Person, int], ...]:
    counts = Counter(request.requester.object_id for request in requests)
    people = {request.requester.object_id: request.requester.as_person() for request in requests}
    most = sorted(counts.items(), key=lambda one: (-one[1], people[one[0]].name))
    return tuple((people[object_id], count) for object_id, count in most)
