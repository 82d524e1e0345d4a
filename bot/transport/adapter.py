"""The SDK's adapter on top of our own authentication and connector."""

import logging
from collections.abc import Callable
from typing import NoReturn

from botbuilder.core import CloudAdapterBase, InvokeResponse, TurnContext
from botbuilder.schema import Activity, ActivityTypes
from botframework.connector.auth import (
    AuthenticateRequestResult,
    BotFrameworkAuthentication,
    ClaimsIdentity,
    ConnectorFactory,
)

from bot.transport.outbound.connector_errors import ConnectorError, ConnectorUnavailable
from cards.languages.texts import say
from cards.reasons.sentences import sentence_of
from services.faults import Fault
from services.unanswered import refusal_of_turn

_log = logging.getLogger(__name__)


def sorry(correlation_id: str) -> str:
    """Say that something failed, and give the correlation ID to quote."""
    return say(
        "Something went wrong on my side. Please try again. If it happens again, give an admin "
        "this correlation ID: {correlation_id}",
        correlation_id=correlation_id,
    )


def not_shown() -> str:
    """Say that Teams may not show the answer, and that something may have been done."""
    return say(
        "My answer may not have reached you. What you asked for may have been done: check with "
        "`my access` before you ask again."
    )


class _OwnAuthentication(BotFrameworkAuthentication):
    """Give the adapter our connectors; requests are already authenticated."""

    def __init__(self, connectors: ConnectorFactory) -> None:
        self._connectors = connectors

    async def authenticate_request(
        self, activity: Activity, auth_header: str
    ) -> AuthenticateRequestResult:
        return _not_here(activity, auth_header)

    async def authenticate_streaming_request(
        self, auth_header: str, channel_id_header: str
    ) -> AuthenticateRequestResult:
        return _not_here(auth_header, channel_id_header)

    def create_connector_factory(self, claims_identity: ClaimsIdentity) -> ConnectorFactory:  # noqa: ARG002 - the SDK's
        return self._connectors

    async def create_user_token_client(self, claims_identity: ClaimsIdentity) -> None:
        """Create none: the bot signs no one in, and the SDK's costs a TLS setup per turn."""


def _not_here(*_: object) -> NoReturn:
    raise PermissionError("requests are authenticated before they reach the adapter")


class TeamsAdapter(CloudAdapterBase):
    """Run turns; if a handler fails, tell the user in one sentence and log the details.

    An outage of a service isn't a bug: the sentence names the service, and there is no stack trace.

    Raises ``ConnectorUnavailable`` if they can't be told now, so that Teams delivers it again.
    """

    def __init__(self, connectors: ConnectorFactory, new_correlation_id: Callable[[], str]) -> None:
        super().__init__(_OwnAuthentication(connectors))
        self._new_correlation_id = new_correlation_id
        self.on_turn_error = self._report_error

    async def _report_error(self, context: TurnContext, error: Exception) -> None:
        correlation_id = self._new_correlation_id()
        known = {"correlation_id": correlation_id}
        outage = refusal_of_turn(error, correlation_id) if isinstance(error, Fault) else None
        if isinstance(error, ConnectorError):
            _log.warning("answer not sent: %s", error, extra=known)
            sentence = not_shown()
        elif outage:
            _log.warning("turn not finished: %s", error, extra=known)
            sentence = sentence_of(outage)
        else:
            _log.error("turn failed", exc_info=error, extra=known)
            sentence = sorry(correlation_id)
        if context.activity.type == ActivityTypes.invoke:
            context.turn_state[self._INVOKE_RESPONSE_KEY] = _invoke_answer(sentence)
            return
        try:
            await context.send_activity(sentence)
        except ConnectorUnavailable as fault:
            _log.warning("apology not sent: %s", fault, extra=known)
            raise
        except ConnectorError as fault:
            # Whoever can't be told now can't be told when it is delivered again.
            _log.warning("apology not sent: %s", fault, extra=known)


def _invoke_answer(sentence: str) -> Activity:
    """Answer a click with a sentence: Teams shows a message's text, but not an error's."""
    body = {
        "statusCode": 200,
        "type": "application/vnd.microsoft.activity.message",
        "value": sentence,
    }
    return Activity(type=ActivityTypes.invoke_response, value=InvokeResponse(status=200, body=body))
