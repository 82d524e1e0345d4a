"""What people do with access requests: ask, fill the form in, decide."""

from botbuilder.core import TurnContext
from botbuilder.dialogs import DialogSet

from bot.delivery.answers import reply_card
from bot.delivery.card_tracker import CardTracker
from bot.delivery.refresh import kept_current
from bot.handlers.clicks import Click
from bot.handlers.commands import RequestSecret
from bot.transport.activity_facts import actor_of, is_personal
from bot.transport.ids import is_request_id, request_id_of
from bot.transport.storage import DialogMemory
from cards.access.request_card import LONGEST_REASON, request_card
from cards.access.secrets_card import SecretRow, secrets_card
from cards.kit import verbs
from dialogs.card_reply import show_card
from dialogs.draft import FormDraft
from dialogs.form_click import FormClick
from dialogs.request_dialog import RequestDialog, RequestOptions, RuleTerms
from domain.access.announcements import approver_key
from domain.access.policy import decide_justification, decide_window
from domain.access.request import Request
from domain.announcement import REQUESTER_CARD
from domain.durations import parse_duration
from domain.refusals import FormClosed, NotYourForm, Refusal, UnknownRequest
from services.access.offers import RequestOffer
from services.access.requests import Access, RequestDraft, RequestLimits


class AccessHandlers:
    """Turns about access requests; refusals are raised as they are."""

    def __init__(self, access: Access, card_tracker: CardTracker, memory: DialogMemory) -> None:
        self._access = access
        self._card_tracker = card_tracker
        self._dialogs = DialogSet(memory.create_property("dialogs"))
        self._dialogs.add(RequestDialog())

    async def list_secrets(self, context: TurnContext) -> None:
        """Show what can be requested."""
        requestable = [
            SecretRow(one.policy.secret, one.policy.longest, one.approvers)
            for one in await self._access.requestable()
        ]
        await reply_card(context, secrets_card(requestable))

    async def request(self, context: TurnContext, command: RequestSecret) -> None:
        """File a whole request; open the form for one that lacks something or has a fault."""
        actor = actor_of(context.activity)
        request_id = request_id_of(context.activity)
        if existing := await self._access.find_own(actor, request_id):
            # Teams asks again where our answer may have been lost: then this one is to be kept.
            sent = await self._reply(context, existing)
            await self._card_tracker.adopt(context, request_id, sent, 0)
            return
        offer = await self._access.offer(actor, command.secrets, request_id, command.for_whom)
        error = _fault_of(command, offer)
        needed = any(rule.asks_for_something for rule in offer.rules.justification)
        if error is None and command.duration and (command.justification or not needed):
            draft = RequestDraft(
                request_id,
                tuple(one.secret for one in offer.policies),
                parse_duration(command.duration),
                command.justification or "",
                str(context.activity.conversation.id),
                command.for_whom,
            )
            request = await self._access.submit(actor, draft)
            sent = await self._reply(context, request)
            await self._card_tracker.adopt(context, request.id, sent, 1)
            return
        options = _form_options(request_id, offer)
        options["duration"] = command.duration or ""
        options["justification"] = command.justification or ""
        options["error"] = error or ""
        await self._open_form(context, options)

    async def on_form(self, context: TurnContext, click: FormClick) -> None:
        """Take a click on a form."""
        if not is_request_id(click.form_id):
            raise FormClosed
        actor = actor_of(context.activity)
        if existing := await self._access.find_own(actor, click.form_id):
            await show_card(context, request_card(existing, buttons=False))
            return
        dialog = await self._dialogs.create_context(context)
        if dialog.active_dialog is None:
            # In a channel it is hardly ever their own form that people find closed.
            raise FormClosed if is_personal(context.activity) else NotYourForm
        options: RequestOptions = dialog.active_dialog.state.copy()
        result = await dialog.continue_dialog()
        if isinstance(result.result, FormDraft):
            await self._file(context, result.result, click, options)

    async def on_decision(self, context: TurnContext, click: Click) -> None:
        """Take an approver's click."""
        actor = actor_of(context.activity)
        request_id = click.text(verbs.REQUEST)
        if not is_request_id(request_id):
            raise UnknownRequest
        if click.verb == verbs.APPROVE:
            request = await self._access.approve(actor, request_id, _limits_of(click))
        else:
            reason = click.text(verbs.REASON).strip()[:LONGEST_REASON]
            request = await self._access.deny(actor, request_id, reason)
        card = request_card(request, buttons=False)
        key = approver_key(actor.object_id)
        await show_card(context, kept_current(context.activity, card, request_id, key))

    async def _reply(self, context: TurnContext, request: Request) -> str:
        """Answer with a request's card; return the id of the message."""
        card = request_card(request, buttons=False)
        current = kept_current(context.activity, card, request.id, REQUESTER_CARD)
        return await reply_card(context, current)

    async def _file(
        self, context: TurnContext, form: FormDraft, click: FormClick, options: RequestOptions
    ) -> None:
        """File what a form brought; when it is refused the form comes back, nothing is lost."""
        asked_in = str(context.activity.conversation.id)
        for_whom = options.get("for_whom", "")
        draft = RequestDraft(
            form.form_id, form.secrets, form.window, form.justification, asked_in, for_whom
        )
        # Adopted before it is filed, since the reply shows the request to the clicker alone: the
        # first announcement puts it into the form's message for everybody.
        await self._card_tracker.adopt_clicked(context, draft.request_id)
        try:
            request = await self._access.submit(actor_of(context.activity), draft)
        except Refusal as refusal:
            options["justification"] = click.justification
            options["duration"] = click.duration
            options["error"] = refusal.sentence
            await self._open_form(context, options)
            return
        await show_card(context, request_card(request, buttons=False))

    async def _open_form(self, context: TurnContext, options: RequestOptions) -> None:
        dialog = await self._dialogs.create_context(context)
        await dialog.cancel_all_dialogs()
        await dialog.begin_dialog(RequestDialog.ID, options)


def _limits_of(click: Click) -> RequestLimits | None:
    """Read what an approver allows where that is less than was asked for; None for all of it."""
    window, narrowed = click.text(verbs.WINDOW), click.text(verbs.NARROW) == "true"
    if not window and not narrowed:
        return None
    return RequestLimits(parse_duration(window) if window else None, bool(window), narrowed)


def _fault_of(command: RequestSecret, offer: RequestOffer) -> str | None:
    """Say what is wrong with the parts that were typed; parts left out are not wrong."""
    if command.duration:
        window = parse_duration(command.duration)
        decision = decide_window(offer.rules.shortest, offer.rules.longest, window)
        if decision.reason:
            return decision.reason.sentence
    if command.justification:
        decision = decide_justification(command.justification, offer.rules.justification)
        if decision.reason:
            return decision.reason.sentence
    return None


def _form_options(request_id: str, offer: RequestOffer) -> RequestOptions:
    rules = offer.rules
    return RequestOptions(
        form_id=request_id,
        secrets=[one.secret for one in offer.policies],
        vaults=list(dict.fromkeys(one.vault.name for one in offer.policies)),
        approvers=[person.name for person in offer.deciders.approvers],
        shortest_seconds=rules.shortest.total_seconds(),
        longest_seconds=rules.longest.total_seconds(),
        rules=[
            RuleTerms(required=rule.required, ticket=rule.ticket, hint=rule.hint)
            for rule in rules.justification
        ],
        for_whom=offer.beneficiary.object_id if offer.beneficiary else "",
        for_name=offer.beneficiary.name if offer.beneficiary else "",
    )
