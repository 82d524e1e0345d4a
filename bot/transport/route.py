"""`POST /api/messages`: turn untrusted bytes into a turn of the bot."""

import json
import logging
from collections.abc import Awaitable, Callable

from aiohttp import web
from botbuilder.core import TurnContext
from opentelemetry.trace import SpanKind, Tracer

from bot.transport.activity_facts import locale_of
from bot.transport.adapter import TeamsAdapter, sorry
from bot.transport.inbound.authentication import Gate
from bot.transport.inbound.body import check_headers, parse_activity, read_body
from bot.transport.inbound.incoming import deserialised
from bot.transport.inbound.rejections import ActivityRejected, TokenRefused
from bot.transport.inbound.replays import RecordedAnswer, Replays
from bot.transport.outbound.connector_errors import ConnectorUnavailable
from bot.transport.turn_metrics import TurnMetrics
from cards.languages.language import ENGLISH, Language, language_of, speaking

_log = logging.getLogger(__name__)

PATH = "/api/messages"

OnTurn = Callable[[TurnContext], Awaitable[None]]


class MessagesRoute:
    """Check, authenticate and deliver what Teams posts.

    Answers 200, or an invoke's own status and body; 400, 401, 403, 408, 413, 415, 503 with
    `{"error": reason}`; 500 with `{"error": sentence, "correlationId": id}`.
    """

    def __init__(
        self,
        gate: Gate,
        adapter: TeamsAdapter,
        on_turn: OnTurn,
        new_correlation_id: Callable[[], str],
        audit_language: Language = ENGLISH,
        metrics: TurnMetrics | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        """``audit_language`` is for people without a known locale; no tracer, no traces."""
        self._gate = gate
        self._adapter = adapter
        self._on_turn = on_turn
        self._new_correlation_id = new_correlation_id
        self._audit_language = audit_language
        self._metrics = metrics or TurnMetrics()
        self._tracer = tracer
        self._replays = Replays()

    def register(self, app: web.Application) -> None:
        """Serve the route in this application."""
        app.router.add_post(PATH, self.handle)

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request."""
        began = self._metrics.began()
        response = await (
            self._traced(request, self._tracer) if self._tracer else self._handled(request)
        )
        self._metrics.ended(began, response.status)
        return response

    async def _traced(self, request: web.Request, tracer: Tracer) -> web.Response:
        with tracer.start_as_current_span("turn", kind=SpanKind.SERVER) as span:
            response = await self._handled(request)
            span.set_attribute("http.response.status_code", response.status)
        return response

    async def _handled(self, request: web.Request) -> web.Response:
        try:
            return _response(await self._answer(request))
        except ActivityRejected as rejection:
            _log.warning("request rejected: %s %s", rejection.status, rejection)
            return _refusal(rejection)
        except Exception as fault:  # noqa: BLE001 - last resort: the caller gets no stack trace
            correlation_id = self._new_correlation_id()
            _log.error("request failed", exc_info=fault, extra={"correlation_id": correlation_id})
            body = {"error": sorry(correlation_id), "correlationId": correlation_id}
            return web.json_response(body, status=500)

    async def _answer(self, request: web.Request) -> RecordedAnswer:
        check_headers(request)
        bearer = await self._gate.identify(request.headers.get("Authorization"))
        body = parse_activity(await read_body(request))
        admitted = self._gate.admit(body, bearer)
        activity = deserialised(body)

        async def deliver() -> RecordedAnswer:
            language = language_of(locale_of(activity), unknown=self._audit_language)
            try:
                with speaking(language):
                    invoked = await self._adapter.process_activity(
                        admitted, activity, self._on_turn
                    )
            except ConnectorUnavailable:
                # Nobody was told anything; IDs come from the message, so nothing is done twice.
                return RecordedAnswer(503, json.dumps({"error": "the answer could not be sent"}))
            return (
                RecordedAnswer(200, None)
                if invoked is None
                else RecordedAnswer(invoked.status, _written(invoked.body))
            )

        if not activity.id:
            return await deliver()
        # An edited message has the original's id, so the type is part of the key.
        key = (activity.conversation.id, activity.id, activity.type, activity.name)
        return await self._replays.once(key, deliver)


def _response(answer: RecordedAnswer) -> web.Response:
    if answer.body is None:
        return web.Response(status=answer.status)
    return web.Response(text=answer.body, status=answer.status, content_type="application/json")


def _written(body: object) -> str | None:
    return None if body is None else json.dumps(body)


def _refusal(rejection: ActivityRejected) -> web.Response:
    challenge = {"WWW-Authenticate": "Bearer"} if isinstance(rejection, TokenRefused) else None
    return web.json_response({"error": str(rejection)}, status=rejection.status, headers=challenge)
