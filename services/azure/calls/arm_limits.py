"""Azure Resource Manager's limits, which it counts per subscription, identity and kind of request.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
"""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from domain.shared_rate import Rate
from services.faults import Unavailable
from services.limits.shared_limit import LimitUsedUp, SharedLimit, Urgency
from services.workflow.lanes import Lane, current_lane

RATES: Mapping[str, Rate] = {
    "reads": Rate(250, 25),
    "writes": Rate(200, 10),
    "deletes": Rate(200, 10),
}

_KINDS: Mapping[str, str] = {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}

_SUBSCRIPTION = re.compile(r"^/subscriptions/([^/?]+)/", re.IGNORECASE)

_URGENCY: Mapping[Lane, Urgency] = {
    Lane.ALARM: Urgency.FIRST,
    Lane.ENDING: Urgency.FIRST,
    Lane.ROTATION: Urgency.USUAL,
    Lane.REST: Urgency.USUAL,
    Lane.GIVING: Urgency.LAST,
}

_PATIENCE = timedelta(seconds=5)
"""How long a request waits for its turn; a move takes 15 seconds at most."""

_COME_BACK_AFTER = timedelta(seconds=15)

MakeLimit = Callable[[str, Rate], SharedLimit]


class ArmLimits:
    """The limits of each subscription; ending access goes first, granting last."""

    def __init__(self, endpoint: str, make: MakeLimit) -> None:
        self._host = urlsplit(endpoint).netloc.lower()
        self._make = make
        self._limits: dict[str, SharedLimit] = {}

    async def take(self, method: str, url: str) -> SharedLimit | None:
        """Wait for a request's turn and return its limit; None if it isn't Resource Manager's.

        Raises Unavailable, with nothing sent, if that takes too long.
        """
        parts = urlsplit(url)
        found = _SUBSCRIPTION.match(parts.path)
        if found is None or parts.netloc.lower() != self._host:
            return None
        kind = _KINDS.get(method, "writes")
        name = f"arm-{kind}-{found[1].lower()}"
        if name not in self._limits:
            self._limits[name] = self._make(name, RATES[kind])
        limit = self._limits[name]
        try:
            await limit.take(_URGENCY[current_lane()], _PATIENCE)
        except LimitUsedUp as fault:
            raise Unavailable(
                "Azure Resource Manager",
                f"request not sent: the limit of {kind} is used up",
                max(fault.wait, _COME_BACK_AFTER),
                outcome_unknown=False,
                status=429,
            ) from fault
        return limit
