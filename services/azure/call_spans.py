"""Requests as parts of a trace: below the turn or the move that made them."""

from types import SimpleNamespace
from typing import Any

import aiohttp
from opentelemetry import trace
from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer

from services.azure.limits import dependency_of

_FAILED = 400


class CallSpans:
    """Records the requests of aiohttp's sessions; a retry is a request of its own.

    What no turn and no move asks for, as a look for due work, isn't recorded. Addresses aren't
    either, since they name people and secrets.
    """

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def trace_config(self) -> aiohttp.TraceConfig:
        """Return what makes a session report its requests here."""
        config = aiohttp.TraceConfig()
        config.on_request_start.append(self._start)
        config.on_request_end.append(self._end)
        config.on_request_exception.append(self._fail)
        return config

    async def _start(
        self, _: Any, call: SimpleNamespace, started: aiohttp.TraceRequestStartParams
    ) -> None:
        call.span = None
        if not trace.get_current_span().is_recording():
            return
        dependency = dependency_of(str(started.url))
        call.span = self._tracer.start_span(
            f"{started.method} {dependency}",
            kind=SpanKind.CLIENT,
            attributes={"http.request.method": started.method, "server.address": dependency},
        )

    async def _end(
        self, _: Any, call: SimpleNamespace, ended: aiohttp.TraceRequestEndParams
    ) -> None:
        if call.span is None:
            return
        status = ended.response.status
        call.span.set_attribute("http.response.status_code", status)
        if status >= _FAILED:
            call.span.set_status(Status(StatusCode.ERROR))
        call.span.end()

    async def _fail(
        self, _: Any, call: SimpleNamespace, failed: aiohttp.TraceRequestExceptionParams
    ) -> None:
        if call.span is None:
            return
        call.span.set_attribute("error.type", type(failed.exception).__name__)
        call.span.set_status(Status(StatusCode.ERROR))
        call.span.end()
