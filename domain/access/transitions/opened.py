"""What could be read although access wasn't granted: assignments that existed for a while."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from domain.access.assignment import Assignment, End
from domain.access.grant import Opened
from domain.access.request import Request, assignment_of
from domain.access.target import Target
from domain.names import joined
from domain.workflow import Fact


def begun_at(request: Request) -> datetime:
    """Return from when on a grant's assignments may have been created."""
    approved_at = request.approvals[-1].at if request.approvals else request.requested_at
    return max(approved_at, request.starts_at or approved_at)


def created_for(request: Request, created_at: datetime | None, now: datetime) -> datetime:
    """Return from when on an assignment counts for a grant; an older one is shared, so from now."""
    if created_at and begun_at(request) <= created_at <= now:
        return created_at
    return now


def note_opened(
    request: Request, created: Mapping[Assignment, datetime | None], now: datetime
) -> Request:
    """Note assignments that exist after an attempt that failed overall, by when Azure made them."""
    new = [
        Opened(assignment.id, created_for(request, at, now))
        for assignment, at in created.items()
        if assignment.id not in _known(request)
    ]
    return _with(request, new)


def note_found(request: Request, ends: Sequence[End]) -> Request:
    """Note what the removal found of a grant that never succeeded; ``ends`` are in order.

    An attempt without an answer made it, at the earliest when the grant began.
    """
    if request.granted.granted_at:
        return request
    found = {*request.removed, *_ids(request, ends, shared=False)} - _known(request)
    return _with(request, [Opened(one, begun_at(request)) for one in sorted(found)])


def part_opened(request: Request) -> Request:
    """Return a request with the secrets that could be read: all of them once it was granted."""
    if request.grant is None or request.grant.granted_at:
        return request
    return _only(request, _known(request))


def opened_since(request: Request) -> datetime | None:
    """Return when the first of its secrets could be read; None if none ever could."""
    if request.grant is None:
        return None
    granted = [request.grant.granted_at] if request.grant.granted_at else []
    return min([*granted, *(one.since for one in request.grant.opened)], default=None)


def to_rotate(request: Request) -> tuple[Target, ...]:
    """Return the secrets to rotate after its end: those that could be read, as far as is known."""
    # With attempts and deletions that went unanswered, an assignment can have come and gone unseen.
    is_unseen = bool(request.unanswered and request.unanswered_ends)
    part = request if is_unseen else part_opened(request)
    return tuple(target for target in part.targets if target.rotate_after)


def facts_of_opened(request: Request, ends: Sequence[End]) -> dict[str, Fact]:
    """Return what the end of a grant that never succeeded keeps of it; empty if nothing existed."""
    since = opened_since(request)
    if since is None or request.granted.granted_at:
        return {}
    kept = _known(request) & set(_ids(request, ends, shared=True))
    facts: dict[str, Fact] = {"opened_at": since.isoformat()}
    for fact, ids in (("opened", _known(request) - kept), ("opened_kept", kept)):
        if names := _only(request, ids).secrets:
            facts[fact] = joined(names)
    return facts


def _known(request: Request) -> set[str]:
    return {one.assignment for one in request.granted.opened}


def _ids(request: Request, ends: Sequence[End], *, shared: bool) -> Iterable[str]:
    """Return the IDs of the assignments that were found at the end."""
    for assignment, end in zip(request.assignments, ends, strict=False):
        if end.found and end.shared == shared:
            yield assignment.id


def _only(request: Request, ids: set[str]) -> Request:
    targets = [one for one in request.targets if assignment_of(one, request.holder).id in ids]
    return replace(request, targets=tuple(targets))


def _with(request: Request, new: Sequence[Opened]) -> Request:
    if not new:
        return request
    grant = replace(request.granted, opened=(*request.granted.opened, *new))
    return replace(request, grant=grant)
