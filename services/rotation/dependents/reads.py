"""Reads the apps of several dependents at the same time, each app once per kind."""

from collections.abc import Sequence

from domain.rotation.rotation import AppSlot, Dependent
from services.faults import Fault
from services.rotation.dependents.kind import Entries, Kinds, kind_of
from services.rotation.dependents.side_by_side import answers_of


async def read_each(kinds: Kinds, dependents: Sequence[Dependent]) -> list[Entries | Fault]:
    """Return what the app of each dependent holds, in their order, or why it can't be read."""
    by_place = {_place(each): each for each in dependents}
    answers = await answers_of(_read(kinds, each) for each in by_place.values())
    found = dict(zip(by_place, answers, strict=True))
    return [found[_place(each)] for each in dependents]


async def _read(kinds: Kinds, dependent: Dependent) -> Entries:
    return await kind_of(kinds, dependent).read(dependent.app)


def _place(dependent: Dependent) -> tuple[AppSlot, str]:
    return dependent.app, dependent.kind
