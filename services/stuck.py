"""What somebody has to see to: what keeps failing, needs a human, or awaits its review."""

from dataclasses import dataclass

from domain.access import Request
from domain.orphan import Orphan
from domain.rotation import Rotation
from domain.schedule import ScheduledRotation
from services.workflows import LISTS, Workflows

Listed = Request | Orphan | Rotation | ScheduledRotation

MOST = 25


@dataclass(frozen=True, slots=True)
class StuckList:
    """What will not end, as far as it is shown, and how much more there is."""

    shown: tuple[Listed, ...]
    more: int


class Stuck:
    """Reads the lists of what somebody has to know of; it costs what is listed."""

    def __init__(self, workflows: Workflows) -> None:
        self._workflows = workflows

    async def list(self) -> StuckList:
        listed = [one for name in LISTS for one in await self._workflows.listed(name)]
        ids = list(dict.fromkeys(listed))  # one may be on two lists
        stored = await self._workflows.load_readable(ids[:MOST])
        heads = [one.head for one in stored.values() if one]
        shown = tuple(one for one in heads if isinstance(one, Listed))
        return StuckList(shown, max(0, len(ids) - MOST))
