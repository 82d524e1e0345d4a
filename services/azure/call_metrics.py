"""How long each service takes to answer, and with what; measured where every request passes."""

import asyncio
from types import SimpleNamespace
from typing import Any

import aiohttp
from opentelemetry.metrics import Meter

from services.azure.limits import dependency_of

BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0)
"""The upper bounds of the histogram's buckets, in seconds; no request may take longer."""

_THROTTLED = 429


class CallMetrics:
    """Measures the requests of aiohttp's sessions; a retry is a request of its own."""

    def __init__(self, meter: Meter) -> None:
        self._seconds = meter.create_histogram(
            "latchkey_call_duration",
            unit="s",
            description="Time until a service answered, by service and class of status",
            explicit_bucket_boundaries_advisory=BOUNDS,
        )

    def trace_config(self) -> aiohttp.TraceConfig:
        """Return what makes a session report its requests here."""
        config = aiohttp.TraceConfig()
        config.on_request_start.append(self._start)
        config.on_request_end.append(self._end)
        config.on_request_exception.append(self._fail)
        return config

    async def _start(self, _: Any, call: SimpleNamespace, __: Any) -> None:
        call.began_at = asyncio.get_running_loop().time()

    async def _end(
        self, _: Any, call: SimpleNamespace, ended: aiohttp.TraceRequestEndParams
    ) -> None:
        self._note(call, str(ended.url), status_class(ended.response.status))

    async def _fail(
        self, _: Any, call: SimpleNamespace, failed: aiohttp.TraceRequestExceptionParams
    ) -> None:
        self._note(call, str(failed.url), "none")

    def _note(self, call: SimpleNamespace, url: str, status: str) -> None:
        passed = asyncio.get_running_loop().time() - call.began_at
        self._seconds.record(passed, {"dependency": dependency_of(url), "status": status})


def status_class(status: int) -> str:
    """Return a status's class, such as ``2xx``; ``429`` is told apart from other refusals."""
    return "429" if status == _THROTTLED else f"{status // 100}xx"
