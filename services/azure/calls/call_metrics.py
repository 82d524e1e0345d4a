"""How long each service takes to answer, and with what; measured where every request passes."""

import asyncio

import aiohttp
from opentelemetry.metrics import Meter

from services.azure.calls.limits import dependency_of

BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0)
"""The upper bounds of the histogram's buckets, in seconds; no request may take longer."""

_THROTTLED = 429
_NOT_ANSWERED = "none"


class CallMetrics:
    """Measures the requests of aiohttp's sessions; a retry is a request of its own."""

    def __init__(self, meter: Meter) -> None:
        self._seconds = meter.create_histogram(
            "latchkey_call_duration",
            unit="s",
            description="Time until a service answered, by service and class of status",
            explicit_bucket_boundaries_advisory=BOUNDS,
        )

    async def __call__(
        self, request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Send a request; a session's middleware."""
        time = asyncio.get_running_loop().time
        began_at, status = time(), _NOT_ANSWERED
        try:
            response = await send(request)
            status = status_class(response.status)
            return response
        finally:
            labels = {"dependency": dependency_of(str(request.url)), "status": status}
            self._seconds.record(time() - began_at, labels)


def status_class(status: int) -> str:
    """Return a status's class, such as ``2xx``; ``429`` is told apart from other refusals."""
    return "429" if status == _THROTTLED else f"{status // 100}xx"
