"""Handle access requests: submitting, filling in the form, deciding."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.delivery.card_tracker import CardTracker
from bot.delivery.refresh import kept_current
from bot.delivery.request_view import request_view
from bot.forms import ClickedForm, Forms
from bot.handlers.access.confirming import Confirming
from bot.handlers.access.form_options import form_options
from bot.handlers.access.form_places import FormPlaces
from bot.handlers.clicks import ClickHandler
from bot.handlers.lines.request_commands import RequestSecret
from bot.handlers.person_reader import PersonReader, is_mentioned, who_is_named
from bot.ids import is_request_id, request_id_of
from bot.turn import Click, Turn
from cards.access.forms.request_form import DURATION, INPUTS, JUSTIFICATION, START
from cards.access.request_card import request_card
from cards.access.unknown_request_card import not_known_if_requested
from cards.kit import verbs
from cards.kit.elements import Content
from cards.reasons.sentences import sentence_of
from dialogs.request_dialog import RequestOptions
from domain.access.announcements import approver_key
from domain.access.request import Request, RequestDraft
from domain.access.rules.policy import decide_justification, decide_window
from domain.access.transitions.starts import decide_start
from domain.durations import parse_duration
from domain.people import Actor
from domain.refusals.decisions import UnknownRequest
from domain.refusals.refusal import Refusal
from domain.refusals.requests import FormClosed, NotYourForm
from domain.refusals.sign_ins import StepUpNeeded
from domain.refusals.starts import UnreadableStart
from domain.start_times import parse_start
from domain.time_zones import zone_of
from services.access.asking.offers import RequestOffer
from services.access.requests import Access, NotKnownIfRequested, RequestLimits
from services.access.sign_in.held_acts import HeldApproval, HeldBreakGlass, HeldRequest
from services.clock import Clock
from services.people.admins import Admins


class AccessHandlers:
    """Handle turns about access requests; refusals are raised to the caller."""

    def __init__(
        self,
        access: Access,
        card_tracker: CardTracker,
        forms: Forms,
        clock: Clock,
        confirming: Confirming,
        form_places: FormPlaces,
        admins: Admins,
        people: PersonReader,
    ) -> None:
        self._access = access
        self._confirming = confirming
        self._card_tracker = card_tracker
        self._forms = forms
        self._clock = clock
        self._form_places = form_places
        self._admins = admins
        self._people = people

    @property
    def clicks(self) -> Mapping[str, ClickHandler]:
        """The verbs that these handlers serve."""
        return {
            verbs.SUBMIT: self.on_form,
            verbs.CANCEL: self.on_form,
            verbs.APPROVE: self.on_decision,
            verbs.DENY: self.on_decision,
        }

    async def request(self, turn: Turn, command: RequestSecret) -> None:
        """Submit a complete request; open the form if something is missing or wrong."""
        actor = turn.actor
        request_id = request_id_of(turn)
        if existing := await self._access.find_own(actor, request_id):
            # Teams retries when our answer may have been lost, so keep this card.
            await self._reply(turn, existing, 0)
            return
        now = self._clock().astimezone(zone_of(turn.time_zone))
        starts_at = parse_start(command.start, now) if command.start else None
        draft = RequestDraft(
            request_id,
            command.secrets,
            parse_duration(command.duration) if command.duration else None,
            command.justification or "",
            turn.conversation.id,
            await self._whom(turn, command.for_whom),
            starts_at,
        )
        offer = await self._access.offer(actor, draft)
        error = _fault_of(command, offer, starts_at, now)
        needed = any(rule.asks_for_something for rule in offer.rules.justification)
        if error is None and command.duration and (command.justification or not needed):
            draft = replace(draft, secrets=tuple(one.secret for one in offer.policies))
            try:
                request = await self._access.submit(actor, draft)
            except StepUpNeeded as needed:
                card = await self._confirming.ask(actor, HeldRequest(draft), needed)
                await self._card_tracker.adopt(turn, request_id, await turn.reply(card), 0)
                return
            except NotKnownIfRequested:
                # If it is stored late, its first announcement puts its card in this place.
                sent = await turn.reply(not_known_if_requested())
                await self._card_tracker.adopt(turn, request_id, sent, 0)
                return
            await self._reply(turn, request, 1)
            return
        options = form_options(request_id, offer, turn.time_zone)
        options["typed"] = {
            DURATION: command.duration or "",
            JUSTIFICATION: command.justification or "",
            START: command.start or "",
        }
        options["error"] = error or ""
        await self._form_places.open(turn, options)

    async def _whom(self, turn: Turn, typed: str) -> str:
        """Return whom a request is for, by email or ID; empty for whoever asks."""
        who = who_is_named(turn, typed) if typed else None
        if who is None or not is_mentioned(turn, who):
            return who or typed
        return (await self._people.find(turn, who, typed)).object_id

    async def on_form(self, turn: Turn, click: Click) -> None:
        """Handle a click on the form."""
        form_id = click.text(verbs.FORM)
        if not form_id:
            raise UnknownRequest
        if not is_request_id(form_id):
            raise FormClosed
        if existing := await self._access.find_own(turn.actor, form_id):
            await turn.show(request_view(turn, existing, self._clock()))
            return
        form = await self._forms.take_click(turn, click)
        if form is None:
            # In a channel, a closed form was most likely opened by someone else.
            raise FormClosed if turn.conversation.is_personal else NotYourForm
        if form.draft:
            await self._file(turn, form.draft, click, form)

    async def on_decision(self, turn: Turn, click: Click) -> None:
        """Handle an approver's click."""
        actor = turn.actor
        request_id = click.text(verbs.REQUEST)
        if not is_request_id(request_id):
            raise UnknownRequest
        if click.verb == verbs.APPROVE:
            card = await self._approve(actor, request_id, _limits_of(click))
        else:
            reason = click.text(verbs.REASON)
            request = await self._access.deny(actor, request_id, reason)
            card = request_card(request, buttons=False)
        key = approver_key(actor.object_id)
        await turn.show(kept_current(turn, card, request_id, key))

    async def _approve(
        self, actor: Actor, request_id: str, limits: RequestLimits | None
    ) -> Content:
        """Approve, or ask the approver to confirm it with a sign-in."""
        try:
            request = await self._access.approve(actor, request_id, limits)
        except StepUpNeeded as needed:
            return await self._confirming.ask(actor, HeldApproval(request_id, limits), needed)
        return request_card(request, buttons=True, reader=actor.object_id)

    async def _reply(self, turn: Turn, request: Request, revision: int) -> None:
        """Reply with the request's card; ``revision`` is the last event it shows to everyone."""
        card = request_view(turn, request, self._clock())
        await self._card_tracker.reply(turn, request.id, card, revision)

    async def _file(
        self, turn: Turn, filled_in: RequestDraft, click: Click, form: ClickedForm
    ) -> None:
        """Submit the form; if it's refused, show it again with everything that was typed."""
        draft = replace(filled_in, asked_in=filled_in.asked_in or turn.conversation.id)
        # Adopt before submitting: the reply shows the request to the clicker only, and the first
        # announcement then updates the form's message for everyone.
        await self._card_tracker.adopt_clicked(turn, draft.request_id)
        emergency = form.terms["emergency"]
        try:
            request = await self._submit(turn.actor, draft, emergency=emergency)
        except StepUpNeeded as needed:
            held = HeldBreakGlass(draft) if emergency else HeldRequest(draft)
            await turn.show(await self._confirming.ask(turn.actor, held, needed))
            await form.close()
            return
        except Refusal as refusal:
            typed = {name: click.text(name) for name in INPUTS}
            refused: RequestOptions = {
                **form.terms,
                "typed": typed,
                "error": sentence_of(refusal),
            }
            await self._forms.open(turn, refused)
            return
        await turn.show(request_view(turn, request, self._clock()))
        await form.close()

    async def _submit(self, actor: Actor, draft: RequestDraft, *, emergency: bool) -> Request:
        if emergency:
            admins = await self._admins.to_notify()
            return await self._access.break_glass(actor, draft, admins)
        return await self._access.submit(actor, draft)


def _limits_of(click: Click) -> RequestLimits | None:
    """Return the approver's limits if they allow less than requested, otherwise None."""
    window, narrowed = click.text(verbs.WINDOW), click.text(verbs.NARROW) == "true"
    chosen = {
        name.removeprefix(verbs.CHOOSE): click.text(name) == "true"
        for name in click.data
        if name.startswith(verbs.CHOOSE)
    }
    if not window and not narrowed and not chosen:
        return None
    given = parse_duration(window) if window else None
    return RequestLimits(given, bool(window), narrowed, chosen)


def _fault_of(
    command: RequestSecret, offer: RequestOffer, starts_at: datetime | None, now: datetime
) -> str | None:
    """Return the error in the typed parts, if any; missing parts are not errors."""
    if command.duration:
        window = parse_duration(command.duration)
        decision = decide_window(offer.rules.shortest, offer.rules.longest, window)
        if decision.reason:
            return sentence_of(decision.reason)
    if command.justification:
        decision = decide_justification(command.justification, offer.rules.justification)
        if decision.reason:
            return sentence_of(decision.reason)
    if command.start:
        if starts_at is None:
            return sentence_of(UnreadableStart())
        decision = decide_start(starts_at, offer.rules.start_within, now)
        if decision.reason:
            return sentence_of(decision.reason)
    return None
