"""Requests as parts of a trace: below the turn or the move that made them."""

import aiohttp
from opentelemetry import trace
from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer

from services.azure.calls.limits import dependency_of

_FAILED = 400


class CallSpans:
    """Records the requests of aiohttp's sessions; a retry is a request of its own.

    What no turn and no move asks for, as a look for due work, isn't recorded. Addresses aren't
    either, since they name people and secrets.
    """

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    async def __call__(
        self, request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Send a request; a session's middleware."""
        if not trace.get_current_span().is_recording():
            return await send(request)
        dependency = dependency_of(str(request.url))
        with self._tracer.start_as_current_span(
            f"{request.method} {dependency}",
            kind=SpanKind.CLIENT,
            attributes={"http.request.method": request.method, "server.address": dependency},
            # An exception's text and trace may hold an address.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                response = await send(request)
            except BaseException as fault:
                span.set_attribute("error.type", type(fault).__name__)
                span.set_status(Status(StatusCode.ERROR))
                raise
            span.set_attribute("http.response.status_code", response.status)
            if response.status >= _FAILED:
                span.set_status(Status(StatusCode.ERROR))
            return response
