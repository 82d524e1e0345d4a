"""What will not end: revocations that keep failing, and rotations that need a human."""

import asyncio
from dataclasses import dataclass

from domain.access import Request
from domain.orphan import Orphan
from domain.rotation import Rotation
from services.workflows import LISTED, Workflows

MOST = 25


@dataclass(frozen=True, slots=True)
class StuckList:
    """What will not end, as far as it is shown, and how much more there is."""

    shown: tuple[Request | Orphan | Rotation, ...]
    more: int


class Stuck:
    """Reads the lists of what somebody has to know of; it costs what is listed."""

    def __init__(self, workflows: Workflows) -> None:
        self._workflows = workflows

    async def list(self) -> StuckList:
        ids = [one for state in LISTED for one in await self._workflows.listed(state)]
        stored = await asyncio.gather(*(self._workflows.load(one) for one in ids[:MOST]))
        heads = [one.head for one in stored if one]
        shown = tuple(one for one in heads if isinstance(one, Request | Orphan | Rotation))
        return StuckList(shown, max(0, len(ids) - MOST))
