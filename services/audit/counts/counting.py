"""Counts a part of a day: the workflows that are over at its end, once each."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from domain.audit.figures import Figures, day_of
from domain.audit.history import Opening, opening_of
from domain.checkpoints.checkpoints import end_of
from services.audit.counts.counted_parts import CountedPart, CountedParts
from services.audit.counts.day_figures import ByOpening, DayFigures
from services.audit.counts.day_members import DayMembers
from services.faults import Unavailable
from services.workflow.workflows import LISTED, Snapshot, Workflows

log = logging.getLogger(__name__)

IN_A_PART = 2_000
"""How many workflows are counted in one move: as many as can be read in some seconds."""

_AT_ONCE = 16
"""How many workflows are read at once: at 10 ms each, more than a process can take in."""

Unreadable = ValueError
Read = Snapshot | Unreadable | None
"""A workflow, or why it can't be read, or None if there is none."""


@dataclass(frozen=True, slots=True)
class _Contribution:
    """What a workflow adds to the figures: far less than itself, so a part fits into memory."""

    opening: Opening
    is_over: bool
    is_first_found: bool
    figures: Figures


class Counting:
    """Counts days.

    Every workflow is found on the day of its first event, and left for the next day until it is
    over. So one with an earlier first event that wasn't left was counted, and isn't again.
    """

    def __init__(
        self, workflows: Workflows, members: DayMembers, parts: CountedParts, figures: DayFigures
    ) -> None:
        self._workflows = workflows
        self._members = members
        self._parts = parts
        self._figures = figures

    async def count(self, day: date, number: int, *, begun: date) -> bool:
        """Count a part of a day, and return whether it is the last one.

        ``begun``: the first day that has a checkpoint to count by.
        """
        left = await self._parts.left_after(before(day))
        members = await self._members_of(day, begun)
        candidates = dict.fromkeys(sorted(members - left.keys()), day) | dict(sorted(left.items()))
        start = number * IN_A_PART
        some = dict(list(candidates.items())[start : start + IN_A_PART])
        found = await self._read_all(some, day)
        known = {
            one: on
            for one, on in some.items()
            if one in left or day < begun or _is_first_found(found.get(one))
        }
        part = _part(known, found, is_last=start + IN_A_PART >= len(candidates))
        part = await self._parts.decide(day, number, part)
        whole, by_secret = _figures(found.get(one) for one in part.ended)
        await self._figures.keep(day, number, whole, by_secret, is_last=part.is_last)
        return part.is_last

    async def _read_all(
        self, ids: Iterable[str], day: date
    ) -> dict[str, _Contribution | Unreadable]:
        """Read workflows and count each; what isn't counted at all is left out."""
        counted: dict[str, _Contribution | Unreadable] = {}
        async for some in read_in_batches(self._workflows, ids):
            for one, read in some.items():
                if (each := _count(read, day)) is not None:
                    counted[one] = each
        return counted

    async def _members_of(self, day: date, begun: date) -> frozenset[str]:
        if day < begun:
            return await self._members.opened_on(day)
        members = await self._members.sealed(day)
        if members is None:
            cause = f"the checkpoint of {day} isn't made yet"
            raise Unavailable("Latchkey", cause, outcome_unknown=False)
        return members


def before(day: date) -> date:
    """Return the day before."""
    return date.fromordinal(day.toordinal() - 1)


def is_first_found(found: Read, day: date) -> bool:
    """Return whether a workflow's first event is on this day or later; True if it's unreadable."""
    if not isinstance(found, Snapshot):
        return True
    return not found.events or day_of(found.events[0].at) >= day


async def read_in_batches(
    workflows: Workflows, ids: Iterable[str]
) -> AsyncIterator[Mapping[str, Read]]:
    """Read workflows with their events, some at once, so that memory never holds all of them."""
    wanted = list(ids)
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        answers = await asyncio.gather(*map(workflows.snapshot, some), return_exceptions=True)
        found: dict[str, Read] = {}
        for one, answer in zip(some, answers, strict=True):
            if isinstance(answer, BaseException) and not isinstance(answer, Unreadable):
                raise answer
            found[one] = answer
        yield found


def _count(read: Read, day: date) -> _Contribution | Unreadable | None:
    """Count a workflow as it is; None if it isn't there, or of a kind that isn't counted."""
    if not isinstance(read, Snapshot):
        return read
    head = read.stored.head
    opening = opening_of(head)
    if opening is None:
        return None
    figures = Figures()
    figures.count(head, read.events, end_of(day))
    is_over = read.stored.due is None and head.state not in LISTED
    return _Contribution(opening, is_over, is_first_found(read, day), figures)


def _is_first_found(counted: _Contribution | Unreadable | None) -> bool:
    return not isinstance(counted, _Contribution) or counted.is_first_found


def _part(
    some: Mapping[str, date], found: Mapping[str, _Contribution | Unreadable], *, is_last: bool
) -> CountedPart:
    """Divide workflows into those that are over and the others."""
    ended: list[str] = []
    left: dict[str, date] = {}
    for one, on in some.items():
        match found.get(one):
            case None:
                continue
            case _Contribution(is_over=True):
                ended.append(one)
            case _Contribution():
                left[one] = on
            case unreadable:
                log.warning("%s isn't counted yet: %s", one, unreadable)
                left[one] = on
    return CountedPart(tuple(ended), left, is_last)


def _figures(
    ended: Iterable[_Contribution | Unreadable | None],
) -> tuple[ByOpening, dict[str, ByOpening]]:
    whole: ByOpening = {}
    by_secret: dict[str, ByOpening] = {}
    for one in ended:
        if one is None:
            continue
        if isinstance(one, Unreadable):
            cause = f"a workflow can't be read: {one}"
            raise Unavailable("Latchkey", cause, outcome_unknown=False)
        secrets = {secret.casefold() for secret in one.opening.secrets}
        for counts in (whole, *(by_secret.setdefault(secret, {}) for secret in secrets)):
            counts.setdefault(day_of(one.opening.at), Figures()).add(one.figures)
    return whole, by_secret
