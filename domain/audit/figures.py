"""The figures that a report is computed from: counts that can be added up.

The figures of many workflows are no larger than those of a few: how many were in which state, on
which day, by whom. So they are kept by day, and a year's report needn't read a year's workflows.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from domain.access.request import Request, RequestState
from domain.audit.history import Workflow
from domain.audit.lateness import lateness_of
from domain.drill.drill import Drill, DrillState
from domain.people import Actor, Person
from domain.rotation.rotation import Rotation
from domain.workflow import Event

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_TENTH = timedelta(milliseconds=100)

Durations = Counter[timedelta]
"""How many durations were how long."""


@dataclass(slots=True)
class Figures:
    """The figures of some requests and rotations; people are counted by their object IDs."""

    requests: Counter[str] = field(default_factory=Counter)
    """How many are in which state."""
    rotations: Counter[str] = field(default_factory=Counter)
    approved_by_people: int = 0
    approved_by_rule: int = 0
    made: Counter[date] = field(default_factory=Counter)
    """How many requests were made on which day."""
    granted: Counter[date] = field(default_factory=Counter)
    waits: dict[date, Durations] = field(default_factory=dict)
    """How long those waited that people decided on a day."""
    late: Durations = field(default_factory=Counter)
    """How late access ended."""
    drills: Counter[str] = field(default_factory=Counter)
    """How many drills that are over have which outcome."""
    drills_late: Durations = field(default_factory=Counter)
    """How late the access of drills ended."""
    requesters: Counter[str] = field(default_factory=Counter)
    approvers: Counter[str] = field(default_factory=Counter)
    deniers: Counter[str] = field(default_factory=Counter)
    names: dict[str, str] = field(default_factory=dict)

    def count(self, head: Workflow, events: Sequence[Event], now: datetime) -> None:
        """Add a workflow as it is now; one of another kind is left out.

        The access of drills isn't among that of people.
        """
        match head:
            case Request():
                self._count_request(head, events, now)
            case Rotation():
                self.rotations[str(head.state)] += 1
            case Drill() if head.is_over:
                self._count_drill(head)

    def add(self, other: "Figures") -> None:
        """Add the figures of other workflows; of a person with several names, theirs counts."""
        self.requests += other.requests
        self.rotations += other.rotations
        self.approved_by_people += other.approved_by_people
        self.approved_by_rule += other.approved_by_rule
        self.made += other.made
        self.granted += other.granted
        for on, waits in other.waits.items():
            self.waits.setdefault(on, Counter()).update(waits)
        self.late.update(other.late)
        self.drills += other.drills
        self.drills_late.update(other.drills_late)
        self.requesters += other.requesters
        self.approvers += other.approvers
        self.deniers += other.deniers
        self.names |= other.names

    def person(self, object_id: str) -> Person:
        """Return someone whom these figures count; without a name if it was erased."""
        return Person(object_id, self.names.get(object_id, object_id))

    def _count_request(self, request: Request, events: Sequence[Event], now: datetime) -> None:
        self.requests[str(request.state)] += 1
        self.approved_by_people += _is_approved_by_people(request)
        self.approved_by_rule += request.approved_by_rule is not None
        self.made[day_of(request.requested_at)] += 1
        if request.grant and request.grant.granted_at:
            self.granted[day_of(request.grant.granted_at)] += 1
        if decided_at := _decided_at(request):
            waits = self.waits.setdefault(day_of(decided_at), Counter())
            waits[rounded(decided_at - request.requested_at)] += 1
        late = lateness_of(request, events, now)
        if late is not None:
            self.late[rounded(late)] += 1
        self._count_person(self.requesters, request.requester)
        for approval in request.approvals:
            self._count_person(self.approvers, approval.approver)
        if request.denial and request.denial.approver:
            self._count_person(self.deniers, request.denial.approver)

    def _count_drill(self, drill: Drill) -> None:
        self.drills[DrillState.FAILED if drill.failure else DrillState.SUCCEEDED] += 1
        if drill.lateness is not None:
            self.drills_late[rounded(drill.lateness)] += 1

    def _count_person(self, counts: Counter[str], person: Actor) -> None:
        counts[person.object_id] += 1
        self.names[person.object_id] = person.name


def day_of(at: datetime) -> date:
    """Return the day of a time, in UTC."""
    return at.astimezone(UTC).date()


def rounded(duration: timedelta) -> timedelta:
    """Round up: to a tenth of a second, from a minute on to seconds, from an hour on to minutes.

    So there are only so many different ones, whatever happens; and none gets into another of
    ``lateness.BANDS``.
    """
    duration = max(duration, timedelta())
    step = _TENTH if duration <= _MINUTE else timedelta(seconds=1) if duration <= _HOUR else _MINUTE
    return -(-duration // step) * step


def _is_approved_by_people(request: Request) -> bool:
    """Return whether enough approvers approved it, whatever became of the grant.

    The quorum can have grown since, for an extension.
    """
    is_complete = len(request.approvals) >= request.terms.min_approvals
    was_decided = is_complete and request.state is not RequestState.PENDING
    return bool(request.approvals) and (request.grant is not None or was_decided)


def _decided_at(request: Request) -> datetime | None:
    """Return when people decided it: with the last approval needed, or with the denial."""
    if _is_approved_by_people(request):
        return request.approvals[-1].at
    if request.denial and request.denial.approver:
        return request.denial.at
    return None
