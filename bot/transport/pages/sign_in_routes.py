"""Serve the two addresses of a sign-in: ``/sign-in/start`` and ``/sign-in/callback``."""

import logging
from collections.abc import Callable
from http import HTTPStatus

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from bot.transport.pages.accept_language import accepted_language
from bot.transport.pages.sign_in_page import HEADERS, sign_in_page
from cards.kit import text
from cards.kit.message import all_secrets_of
from cards.languages.language import speaking
from cards.languages.texts import say
from cards.reasons.refusals.sign_ins import SIGN_INS
from cards.reasons.sentences import sentence_of
from domain.refusals.refusal import Refusal
from domain.refusals.sign_ins import SignInUnavailable
from services.access.sign_in.fresh_sign_ins import (
    CALLBACK,
    START,
    VALID_FOR,
    BrowserAnswer,
    ConfirmedAct,
    FreshSignIns,
    cookie_of,
)
from services.access.sign_in.held_acts import HeldApproval, HeldBreakGlass, HeldExtension
from services.faults import log_failure

_log = logging.getLogger(__name__)


class SignInRoutes:
    """Lead a browser to Entra and back. What its addresses contain is never logged."""

    def __init__(
        self, sign_ins: FreshSignIns, new_correlation_id: Callable[[], str], *, is_secure: bool
    ) -> None:
        """``is_secure``: browsers reach the bot by https, so cookies can require it."""
        self._sign_ins = sign_ins
        self._new_correlation_id = new_correlation_id
        self._is_secure = is_secure
        # A browser takes a cookie of this prefix from this host alone, over https alone.
        self._prefix = "__Host-" if is_secure else ""

    def register(self, app: web.Application) -> None:
        """Serve both addresses in this application."""
        app.router.add_get(START, _in_its_language(self.start), allow_head=False)
        app.router.add_get(CALLBACK, _in_its_language(self.finish), allow_head=False)

    async def start(self, request: web.Request) -> web.Response:
        """Send a browser to Entra, with a cookie that it has to bring back."""
        try:
            started = await self._sign_ins.start(_one(request, "id"))
        except Refusal as refusal:
            return _refused(refusal)
        except Exception as fault:  # noqa: BLE001 - last resort: the browser gets no stack trace
            return self._failed(fault)
        answer = web.Response(status=HTTPStatus.FOUND, headers={**HEADERS, "Location": started.url})
        answer.set_cookie(
            f"{self._prefix}{started.cookie}",
            started.browser_key,
            max_age=int(VALID_FOR.total_seconds()),
            path="/",
            secure=self._is_secure,
            httponly=True,
            # Strict would leave it out on the way back from Entra.
            samesite="Lax",
        )
        return answer

    async def finish(self, request: web.Request) -> web.Response:
        """Take Entra's answer, and say what came of it."""
        answer = BrowserAnswer(
            state=_one(request, "state"), code=_one(request, "code"), error=_one(request, "error")
        )
        cookie = f"{self._prefix}{cookie_of(answer.state)}"
        try:
            done = await self._sign_ins.finish(answer, request.cookies.get(cookie, ""))
        except Refusal as refusal:
            return _refused(refusal)
        except Exception as fault:  # noqa: BLE001 - last resort: the browser gets no stack trace
            return self._failed(fault)
        return _page(say("Confirmed"), _sentence_for(done))

    def _failed(self, fault: Exception) -> web.Response:
        correlation_id = self._new_correlation_id()
        log_failure(_log, "a sign-in failed", fault, correlation_id)
        sentence = say(
            "Something went wrong, and it isn't certain what was done. Go back to Teams to see. "
            "(Correlation ID {correlation_id})",
            correlation_id=correlation_id,
        )
        title = say("Not known what was done")
        return _page(title, sentence, HTTPStatus.INTERNAL_SERVER_ERROR)


def _in_its_language(serve: Handler) -> Handler:
    """Serve a browser in the language that it asks for."""

    async def served(request: web.Request) -> web.StreamResponse:
        asked_for = request.headers.get(hdrs.ACCEPT_LANGUAGE, "")
        with speaking(accepted_language(asked_for)):
            return await serve(request)

    return served


def _one(request: web.Request, name: str) -> str:
    """Return a parameter; empty if it is missing or given more than once."""
    given = request.query.getall(name, [])
    return given[0] if len(given) == 1 else ""


def _refused(refusal: Refusal) -> web.Response:
    status = HTTPStatus.BAD_REQUEST
    if isinstance(refusal, SignInUnavailable):
        status = HTTPStatus.SERVICE_UNAVAILABLE
    # What was confirmed, and refused for another reason, such as somebody else's decision.
    title = say("Not confirmed") if refusal.code in SIGN_INS else say("Refused after the sign-in")
    return _page(title, sentence_of(refusal), status)


def _page(title: str, sentence: str, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    return web.Response(
        text=sign_in_page(title, sentence),
        content_type="text/html",
        charset="utf-8",
        status=status,
        headers=HEADERS,
    )


def _sentence_for(done: ConfirmedAct) -> str:
    """Say what was done: someone who was talked into this sign-in learns it here."""
    who, secrets = text.name_of(done.request.requester), all_secrets_of(done.request)
    match done.act:
        case HeldApproval():
            return say(
                "Your approval of {who}'s request for {secrets} counts, and you can go back to "
                "Teams.",
                who=who,
                secrets=secrets,
            )
        case HeldExtension():
            return say(
                "Your approval of more time for {who} with {secrets} counts, and you can go back "
                "to Teams.",
                who=text.name_of(done.request.holder),
                secrets=secrets,
            )
        case HeldBreakGlass():
            return say(
                "You're getting access to {secrets}, and you can go back to Teams.", secrets=secrets
            )
        case _:
            return say(
                "Your request for {secrets} is sent, and you can go back to Teams.", secrets=secrets
            )
