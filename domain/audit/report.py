"""A summary of recent days, computed from the workflows opened in them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from domain.access.request import Request, RequestState
from domain.people import Person
from domain.rotation.rotation import Rotation

PERIOD = timedelta(days=30)

MOST = 2_000
"""The most workflows a report is computed from: the newest ones."""

_TOP = 5


@dataclass(frozen=True, slots=True)
class Aged:
    """A rotated secret and the age of its current version; None if unknown."""

    secret: str
    vault: str
    age: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What happened in the period; counts are by state, most frequent first."""

    requests: tuple[tuple[str, int], ...]
    rotations: tuple[tuple[str, int], ...]
    approved_by_people: int
    approved_by_rule: int
    """How many requests a rule of the policy approved, without an approver."""
    time_to_decision: timedelta | None
    """The median over requests that a person decided; None if there were none."""
    active: int
    stuck: int
    """Everything that is stuck now, however old."""
    oldest: tuple[Aged, ...]
    top_requesters: tuple[tuple[Person, int], ...]
    is_whole: bool
    """Whether every workflow of the period was counted."""


def summarise(
    heads: Sequence[object], *, stuck: int, aged: Sequence[Aged], is_whole: bool
) -> Report:
    """Summarise the workflows of a period."""
    requests = [head for head in heads if isinstance(head, Request)]
    rotations = [head for head in heads if isinstance(head, Rotation)]
    waits = [wait.total_seconds() for wait in map(_time_to_decision, requests) if wait is not None]
    return Report(
        requests=_by_state([request.state for request in requests]),
        rotations=_by_state([rotation.state for rotation in rotations]),
        approved_by_people=sum(_is_approved_by_people(request) for request in requests),
        approved_by_rule=sum(request.approved_by_rule is not None for request in requests),
        time_to_decision=timedelta(seconds=median(waits)) if waits else None,
        active=sum(request.state is RequestState.ACTIVE for request in requests),
        stuck=stuck,
        oldest=tuple(sorted(aged, key=_age, reverse=True)[:_TOP]),
        top_requesters=_top(requests),
        is_whole=is_whole,
    )


def _is_approved_by_people(request: Request) -> bool:
    """Return whether enough approvers approved it, whatever became of the grant.

    The quorum can have grown since, for an extension.
    """
    is_complete = len(request.approvals) >= request.terms.min_approvals
    was_decided = is_complete and request.state is not RequestState.PENDING
    return bool(request.approvals) and (request.grant is not None or was_decided)


def _time_to_decision(request: Request) -> timedelta | None:
    """Return how long the decision took: until the last approval needed, or the denial."""
    if _is_approved_by_people(request):
        return request.approvals[-1].at - request.requested_at
    if request.denial and request.denial.approver:
        return request.denial.at - request.requested_at
    return None


def _by_state(states: Sequence[str]) -> tuple[tuple[str, int], ...]:
    counts = Counter(str(state) for state in states)
    return tuple(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _age(aged: Aged) -> timedelta:
    """Order by age; unknown ages come first, since the secret may never have been rotated."""
    return timedelta.max if aged.age is None else aged.age


def _top(requests: Sequence[Request]) -> tuple[tuple[Person, int], ...]:
    counts = Counter(request.requester.object_id for request in requests)
    people = {request.requester.object_id: request.requester.as_person() for request in requests}
    most = sorted(counts.items(), key=lambda one: (-one[1], people[one[0]].name))[:_TOP]
    return tuple((people[object_id], count) for object_id, count in most)
