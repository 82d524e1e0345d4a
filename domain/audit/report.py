"""A summary of a period, computed from the figures of the workflows opened in it.

The card and the exported file both draw this one summary, so their numbers are the same.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from domain.access.request import RequestState
from domain.audit.access_review import Period
from domain.audit.figures import Durations, Figures, day_of
from domain.audit.intervals import Intervals, Unit, intervals_of
from domain.audit.lateness import banded
from domain.audit.spread import Spread, spread_of
from domain.drill.drill import DrillState
from domain.people import Person

USUAL = timedelta(days=30)

LONGEST = timedelta(days=366)


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


@dataclass(frozen=True, slots=True)
class Drilled:
    """The drills that are over: whether access can be given and taken away, and how late."""

    count: int
    succeeded: int
    lateness: Spread | None
    """How late their access ended; None if none was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What happened in the period; counts are by state, most frequent first."""

    asked: Period
    """The period that was asked for."""
    counted_since: datetime
    """From when on everything was counted: the beginning of the first day."""
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
    drilled: Drilled | None = None
    """None if there were no drills."""
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


def summarise(
    figures: Figures,
    *,
    asked: Period,
    secret: str | None = None,
    stuck: int,
    aged: Sequence[Aged],
    unreadable: int = 0,
) -> Report:
    """Summarise the figures of the workflows that were opened since the period's first day."""
    since = first_moment(asked.since)
    unit, intervals = _intervals(figures, Period(since, asked.until))
    return Report(
        asked=asked,
        counted_since=since,
        secret=secret,
        requests=_by_state(figures.requests),
        rotations=_by_state(figures.rotations),
        approved_by_people=figures.approved_by_people,
        approved_by_rule=figures.approved_by_rule,
        unit=unit,
        intervals=intervals,
        decisions=spread_of(sum(figures.waits.values(), Counter())),
        lateness=spread_of(figures.late),
        late=banded(figures.late),
        unconfirmed=figures.requests[RequestState.CLOSED],
        drilled=_drilled(figures),
        deciders=_deciders(figures),
        active=figures.requests[RequestState.ACTIVE],
        stuck=stuck,
        oldest=tuple(sorted(aged, key=_age, reverse=True)),
        requesters=_requesters(figures),
        unreadable=unreadable,
    )


def first_moment(since: datetime) -> datetime:
    """Return when the day of a period's beginning begins: whole days are counted, in UTC."""
    return datetime.combine(day_of(since), time(), UTC)


def _drilled(figures: Figures) -> Drilled | None:
    count = figures.drills.total()
    if not count:
        return None
    succeeded = figures.drills[DrillState.SUCCEEDED]
    return Drilled(count, succeeded, spread_of(figures.drills_late))


def _intervals(figures: Figures, period: Period) -> tuple[Unit, tuple[Interval, ...]]:
    found = intervals_of(period)
    made, granted = (_by_interval(found, counts) for counts in (figures.made, figures.granted))
    waits: dict[int | None, Durations] = {}
    for on, some in figures.waits.items():
        waits.setdefault(_index_of(found, on), Counter()).update(some)
    return found.unit, tuple(
        Interval(start, made[index], granted[index], spread_of(waits.get(index, Counter())))
        for index, start in enumerate(found.starts)
    )


def _by_interval(found: Intervals, counts: Counter[date]) -> Counter[int | None]:
    """Add up the counts of days."""
    sums: Counter[int | None] = Counter()
    for on, count in counts.items():
        sums[_index_of(found, on)] += count
    return sums


def _index_of(found: Intervals, on: date) -> int | None:
    return found.index_of(datetime.combine(on, time(), UTC))


def _deciders(figures: Figures) -> tuple[Decider, ...]:
    """Count each person's answers, also those that weren't enough on their own."""
    found = [
        Decider(figures.person(one), figures.approvers[one], figures.deniers[one])
        for one in figures.approvers.keys() | figures.deniers.keys()
    ]
    return tuple(sorted(found, key=lambda one: (-one.decided, *_by_name(one.person))))


def _by_state(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _age(aged: Aged) -> timedelta:
    """Order by age; unknown ages come first, since the secret may never have been rotated."""
    return timedelta.max if aged.age is None else aged.age


def _requesters(figures: Figures) -> tuple[tuple[Person, int], ...]:
    found = [(figures.person(one), count) for one, count in figures.requesters.items()]
    return tuple(sorted(found, key=lambda one: (-one[1], *_by_name(one[0]))))


def _by_name(person: Person) -> tuple[str, str]:
    return person.name, person.object_id
