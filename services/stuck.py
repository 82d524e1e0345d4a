"""What somebody has to see to: what keeps failing, needs a human, or awaits its review."""

from dataclasses import dataclass

from domain.access import Request
from domain.orphan import Orphan
from domain.rotation import Rotation
from services.quarantine import Quarantine
from services.workflows import LISTS, Workflows

MOST = 25


@dataclass(frozen=True, slots=True)
class StuckList:
    """What will not end, as far as it is shown, and how much more there is."""

    shown: tuple[Request | Orphan | Rotation, ...]
    more: int
    quarantined: tuple[str, ...] = ()
    """What no version at work can handle: each a sentence; it may be access to be taken away."""


class Stuck:
    """Reads the lists of what somebody has to know of; it costs what is listed."""

    def __init__(self, workflows: Workflows, quarantine: Quarantine | None = None) -> None:
        self._workflows = workflows
        self._quarantine = quarantine

    async def list(self) -> StuckList:
        listed = [one for name in LISTS for one in await self._workflows.listed(name)]
        ids = list(dict.fromkeys(listed))  # one may be on two lists
        stored = await self._workflows.load_readable(ids[:MOST])
        heads = [one.head for one in stored.values() if one]
        shown = tuple(one for one in heads if isinstance(one, Request | Orphan | Rotation))
        aside = await self._quarantine.listed() if self._quarantine else []
        sentences = tuple(dict.fromkeys(row.sentence for row in aside))
        return StuckList(shown, max(0, len(ids) - MOST), sentences)
