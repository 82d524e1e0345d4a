"""Which secrets a person requested before."""

from collections.abc import Sequence

from domain.access.request import Request
from domain.audit.history import Filter
from services.audit.history import History

_MOST_READ = 50


class RequestedBefore:
    """Reads a person's latest requests."""

    def __init__(self, history: History) -> None:
        self._history = history

    async def secrets(self, person_id: str) -> Sequence[str]:
        """Return the secrets that a person requested or got, each once, latest first."""
        page = await self._history.page(Filter(person=person_id), _MOST_READ)
        requests = [one for one in page.heads if isinstance(one, Request)]
        names = (target.secret for one in requests for target in one.asked_for)
        return list(dict.fromkeys(names))
