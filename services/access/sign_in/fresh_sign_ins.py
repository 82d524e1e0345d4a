"""Confirming an act with a fresh sign-in: from the click, through the browser, to the act."""

import logging
import re
from base64 import b32encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from domain.access.fresh_sign_in import FreshSignIn
from domain.access.request import Request
from domain.access.sign_in.id_token import ExpectedToken, decide_id_token, sign_in_of
from domain.people import Actor
from domain.refusals.refusal import Refusal
from domain.refusals.sign_ins import (
    SignInDeclined,
    SignInExpired,
    SignInFailed,
    SignInInAnotherBrowser,
    SignInRestarted,
    SignInUnavailable,
    SignInUnknown,
    SignInUsed,
    StepUpNeeded,
)
from services.access.sign_in.held_acts import HeldAct, HeldActs, HeldApproval, HeldExtension
from services.access.sign_in.refused_sign_ins import RefusedSignIns
from services.access.sign_in.sign_in_provider import IdToken, SignInProvider
from services.access.sign_in.sign_in_rows import (
    HeldSignIn,
    SignInRows,
    StartedFlow,
    StoredSignIn,
    hash_of,
    new_state,
)
from services.clock import Clock
from services.faults import Conflict, Fault, Unavailable
from services.people.directory import Directory
from services.workflow.workflows import Workflows

log = logging.getLogger(__name__)

VALID_FOR = timedelta(minutes=5)

START = "/sign-in/start"
CALLBACK = "/sign-in/callback"

_DECLINED = "access_denied"
_ERROR = re.compile(r"[a-z_]{1,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class AskedSignIn:
    """Where a person confirms an act, and the request that it is about, if it exists yet."""

    url: str
    request: Request | None


@dataclass(frozen=True, slots=True)
class StartedSignIn:
    """Where the browser goes next, and the key that it has to bring back in this cookie."""

    url: str
    cookie: str
    browser_key: str


@dataclass(frozen=True, slots=True)
class ConfirmedAct:
    """What was done after a good sign-in."""

    act: HeldAct
    request: Request


@dataclass(frozen=True, slots=True)
class BrowserAnswer:
    """What the browser brings back from Entra; none of it is believed."""

    state: str = ""
    code: str = ""
    error: str = ""


class FreshSignIns:
    """Holds acts until their person has signed in; refusals are raised unchanged.

    Each sign-in is for one act of one person, and is used up by the first answer that names it,
    whatever comes of that. What didn't confirm anything is recorded.
    """

    def __init__(
        self,
        rows: SignInRows,
        provider: SignInProvider,
        acts: HeldActs,
        refused: RefusedSignIns,
        workflows: Workflows,
        directory: Directory,
        clock: Clock,
        new_token: Callable[[], str],
        *,
        public_url: str,
        tenant_id: str,
        client_id: str,
    ) -> None:
        self._rows = rows
        self._provider = provider
        self._acts = acts
        self._refused = refused
        self._workflows = workflows
        self._directory = directory
        self._clock = clock
        self._new_token = new_token
        self._public_url = public_url
        self._tenant_id = tenant_id
        self._client_id = client_id

    async def ask(self, actor: Actor, act: HeldAct, needed: StepUpNeeded) -> AskedSignIn:
        """Hold an act, and return where its person confirms it within the next five minutes."""
        now = self._clock()
        held = HeldSignIn(actor, act, needed.contexts, needed.max_age, now + VALID_FOR)
        sign_in_id = await self._rows.add(held, self._new_token(), now)
        return AskedSignIn(f"{self._public_url}{START}?id={sign_in_id}", await self._about(act))

    async def start(self, sign_in_id: str) -> StartedSignIn:
        """Start a sign-in in a browser; only the last start counts."""
        stored = await self._rows.find(sign_in_id)
        if stored is None:
            raise SignInUnknown
        self._require_open(stored)
        held, browser_key = stored.held, self._new_token()
        state = new_state(stored, self._new_token())
        hint = await self._login_hint(held.actor)
        try:
            page = await self._provider.begin(state, held.contexts, held.max_age, hint)
        except Fault as fault:
            log.warning("a sign-in can't be started: %s", fault)
            raise SignInUnavailable from fault
        try:
            await self._rows.start(
                stored, StartedFlow(page.memory, hash_of(state), hash_of(browser_key))
            )
        except Conflict:
            raise SignInRestarted from None
        return StartedSignIn(page.url, cookie_of(state), browser_key)

    async def finish(self, answer: BrowserAnswer, browser_key: str) -> ConfirmedAct:
        """Check Entra's answer, and do what was held."""
        stored = await self._rows.find_by_state(answer.state)
        if stored is None:
            raise SignInUnknown
        if stored.is_used:
            raise SignInUsed
        if not stored.matches_state(answer.state):
            raise SignInRestarted
        try:
            await self._rows.use_up(stored)
        except Conflict:
            raise SignInUsed from None
        actor, act = stored.held.actor, stored.held.act
        try:
            sign_in = await self._verified(stored, answer, browser_key)
            return ConfirmedAct(act, await self._acts.perform(actor, act, sign_in))
        except Refusal as refusal:
            await self._record(stored, refusal)
            raise

    async def _record(self, stored: StoredSignIn, refusal: Refusal) -> None:
        """Record what confirmed nothing; the person is told why even if that fails."""
        actor, act = stored.held.actor, stored.held.act
        try:
            await self._refused.record(actor, act, refusal, _record_id(stored))
        except Fault as fault:
            log.error("a refused sign-in isn't recorded (%s): %s", refusal, fault)  # noqa: TRY400 - a fault, no bug

    async def _verified(
        self, stored: StoredSignIn, answer: BrowserAnswer, browser_key: str
    ) -> FreshSignIn:
        """Return the sign-in that an answer proves, or raise why it proves none."""
        if self._clock() >= stored.held.expires_at:
            raise SignInExpired
        if not stored.matches_browser(browser_key):
            raise SignInInAnotherBrowser
        if answer.error == _DECLINED:
            raise SignInDeclined
        if answer.error or not answer.code:
            raise SignInFailed(_known(answer.error))
        token = await self._redeemed(stored, answer)
        expected = ExpectedToken(
            issuer=token.issuer,
            tenant_id=self._tenant_id,
            client_id=self._client_id,
            person_id=stored.held.actor.object_id,
        )
        decide_id_token(token.claims, expected, self._clock()).require()
        return sign_in_of(token.claims)

    async def _redeemed(self, stored: StoredSignIn, answer: BrowserAnswer) -> IdToken:
        memory = stored.flow.memory if stored.flow else {}
        try:
            return await self._provider.redeem(memory, {"state": answer.state, "code": answer.code})
        except Unavailable as fault:
            log.warning("a sign-in can't be checked: %s", fault)
            raise SignInUnavailable from None
        except Fault as fault:
            log.warning("Entra refused a sign-in: %s", fault)
            raise SignInFailed(_known(fault.code)) from None

    def _require_open(self, stored: StoredSignIn) -> None:
        if stored.is_used:
            raise SignInUsed
        if self._clock() >= stored.held.expires_at:
            raise SignInExpired

    async def _about(self, act: HeldAct) -> Request | None:
        if not isinstance(act, HeldApproval | HeldExtension):
            return None
        stored = await self._workflows.load_as(Request, act.request_id)
        return stored.head if stored else None

    async def _login_hint(self, actor: Actor) -> str:
        """Return the person's email, so that they needn't type it; empty if it isn't known."""
        try:
            person = await self._directory.find(actor.object_id)
        except Unavailable:
            return ""
        return person.email if person else ""


def cookie_of(state: str) -> str:
    """Return the name of the cookie that ties a sign-in to its browser; each has its own."""
    return f"latchkey-sign-in-{hash_of(state.partition('.')[0])[:16]}"


def _known(error: str) -> str:
    """Return Entra's error code if it is one; the address that it came in can have anything."""
    return error if _ERROR.fullmatch(error) else "unknown"


def _record_id(stored: StoredSignIn) -> str:
    """Return an ID for what was never requested: requests that come later need their own."""
    digest = sha256(stored.key.encode()).digest()
    return f"req-{b32encode(digest).decode().lower()[:10]}"
