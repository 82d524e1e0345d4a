"""ARM's throttling: a token bucket per subscription, principal and kind of operation."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.errors import arm_refusal


@dataclass(frozen=True, slots=True)
class ThrottleRate:
    """Hold a bucket's size and how fast it refills per second."""

    burst: int
    per_second: float


RATES = {
    "reads": ThrottleRate(250, 25),
    "writes": ThrottleRate(200, 10),
    "deletes": ThrottleRate(200, 10),
}
_KINDS = {"PUT": "writes", "POST": "writes", "PATCH": "writes", "DELETE": "deletes"}


@dataclass(slots=True)
class _Bucket:
    level: float
    filled_at: datetime


@dataclass(slots=True)
class Throttle:
    """Count ARM operations and refuse those over the rate."""

    buckets: dict[tuple[str, str], _Bucket] = field(default_factory=dict)

    def spend(self, method: str, principal_id: str, now: datetime) -> Mapping[str, str]:
        """Take one operation and return the headers with the remaining count.

        Raises Refused with 429 and Retry-After when none is left.
        """
        kind = _KINDS.get(method, "reads")
        rate = RATES[kind]
        bucket = self.buckets.setdefault((principal_id, kind), _Bucket(rate.burst, now))
        refilled = (now - bucket.filled_at).total_seconds() * rate.per_second
        bucket.level = min(float(rate.burst), bucket.level + max(0.0, refilled))
        bucket.filled_at = now
        header = f"x-ms-ratelimit-remaining-subscription-{kind}"
        if bucket.level < 1:
            wait = math.ceil((1 - bucket.level) / rate.per_second)
            raise arm_refusal(
                429,
                "SubscriptionRequestsThrottled",
                f"Number of '{kind}' requests for the subscription exceeded its limit."
                f" Please try again after '{wait}' seconds.",
                headers={"Retry-After": str(wait), header: "0"},
            )
        bucket.level -= 1
        return {header: str(int(bucket.level))}
