"""The bot: turns into use cases, and their results into answers."""

import logging
from collections.abc import Mapping
from typing import Any

from botbuilder.core import TurnContext
from botbuilder.dialogs import DialogSet
from botbuilder.schema import Activity, ActivityTypes

from bot.answers import reply_card, tell_clicker
from bot.commands import (
    USAGES,
    Command,
    Help,
    ListSecrets,
    NotUnderstood,
    RequestSecret,
    read_command,
    text_of,
)
from bot.ids import is_request_id, request_id_of
from bot.speaker import actor_of, is_personal, reference_of
from bot.storage import DialogMemory
from cards import verbs
from cards.elements import Content
from cards.help_card import help_card
from cards.notice import notice
from cards.request_card import LONGEST_REASON, request_card
from cards.secrets_card import Requestable, secrets_card
from cards.tone import Tone
from dialogs.card_reply import show_card
from dialogs.draft import Draft as FormDraft
from dialogs.form_click import CARD_ACTION, FormClick, read_form_click
from dialogs.request_dialog import RequestDialog, RequestOptions
from domain.announcements import REQUESTER_CARD
from domain.durations import parse_duration
from domain.policy import decide_justification, decide_window
from domain.refusals import FormClosed, NotYourForm, Refusal, UnknownRequest
from services.access import Access, Draft, Offer
from services.faults import Conflict
from services.messages import MessageRef, Messages
from services.references import References

log = logging.getLogger(__name__)


class Latchkey:
    """Takes every turn that the gate has let in."""

    def __init__(
        self, access: Access, references: References, messages: Messages, memory: DialogMemory
    ) -> None:
        self._access = access
        self._references = references
        self._messages = messages
        self._memory = memory
        self._dialogs = DialogSet(memory.create_property("dialogs"))
        self._dialogs.add(RequestDialog())

    async def on_turn(self, context: TurnContext) -> None:
        """Answer one activity; kinds that ask for nothing, such as edits, are left alone."""
        activity = context.activity
        match activity.type:
            case ActivityTypes.message:
                await self._remember(activity)
                await self._on_message(context)
            case ActivityTypes.invoke if activity.name == CARD_ACTION:
                await self._on_click(context)
            case ActivityTypes.installation_update | ActivityTypes.conversation_update:
                await self._remember(activity)
                if activity.type == ActivityTypes.installation_update and _welcomes(activity):
                    await reply_card(context, help_card(USAGES))

    async def _remember(self, activity: Activity) -> None:
        reference = reference_of(activity)
        await self._references.remember_conversation(reference)
        if is_personal(activity) and activity.from_property.aad_object_id:
            await self._references.remember_person(actor_of(activity).object_id, reference)

    async def _on_message(self, context: TurnContext) -> None:
        command = read_command(text_of(context.activity))
        try:
            await self._obey(context, command)
        except Refusal as refusal:
            await reply_card(context, notice(refusal.sentence, Tone.WARNING))
        await self._save(context)

    async def _obey(self, context: TurnContext, command: Command) -> None:
        match command:
            case RequestSecret():
                await self._request(context, command)
            case ListSecrets():
                await reply_card(context, await self._list_secrets())
            case Help():
                await reply_card(context, help_card(USAGES))
            case NotUnderstood(typed, nearest):
                meant = f"Did you mean: {nearest}" if nearest else "Type help to see what I can do."
                sentence = f"I do not understand “{typed}”. {meant}"
                await reply_card(context, notice(sentence, Tone.QUIET))

    async def _list_secrets(self) -> Content:
        return secrets_card(
            [
                Requestable(offer.policy.secret, offer.policy.longest, offer.approvers)
                for offer in await self._access.requestable()
            ]
        )

    async def _request(self, context: TurnContext, command: RequestSecret) -> None:
        """File a whole request; open the form for one that lacks something or has a fault."""
        actor = actor_of(context.activity)
        request_id = request_id_of(context.activity)
        if existing := await self._access.find_own(actor, request_id):
            # Teams asks again where our answer may have been lost: then this one is to be kept.
            sent = await reply_card(context, request_card(existing, buttons=False))
            await self._adopt(context, request_id, sent, 0)
            return
        offer = await self._access.offer(actor, command.secret, request_id)
        error = _fault_of(command, offer)
        if error is None and command.duration and command.justification:
            draft = Draft(
                request_id,
                offer.policy.secret,
                parse_duration(command.duration),
                command.justification,
                str(context.activity.conversation.id),
            )
            request = await self._access.submit(actor, draft)
            sent = await reply_card(context, request_card(request, buttons=False))
            await self._adopt(context, request.id, sent, 1)
            return
        options = _form_options(request_id, offer)
        options["duration"] = command.duration or ""
        options["justification"] = command.justification or ""
        options["error"] = error or ""
        await self._open_form(context, options)

    async def _open_form(self, context: TurnContext, options: RequestOptions) -> None:
        dialog = await self._dialogs.create_context(context)
        await dialog.cancel_all_dialogs()
        await dialog.begin_dialog(RequestDialog.ID, options)

    async def _on_click(self, context: TurnContext) -> None:
        try:
            if form := read_form_click(context.activity):
                await self._on_form(context, form)
            else:
                await self._on_decision(context)
        except Refusal as refusal:
            await tell_clicker(context, refusal.sentence)
        await self._save(context)

    async def _save(self, context: TurnContext) -> None:
        try:
            await self._memory.save_changes(context)
        except Conflict:
            # The same person spoke twice at once. The other turn's form is the one that is open;
            # what this turn filed is filed.
            log.info("dialog state not saved: another turn of the same person was first")

    async def _on_form(self, context: TurnContext, click: FormClick) -> None:
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

    async def _file(
        self, context: TurnContext, form: FormDraft, click: FormClick, options: RequestOptions
    ) -> None:
        """File what a form brought; when it is refused the form comes back, nothing is lost."""
        asked_in = str(context.activity.conversation.id)
        draft = Draft(form.form_id, form.secret, form.window, form.justification, asked_in)
        # Adopted before it is filed, since the reply shows the request to the clicker alone: the
        # first announcement puts it into the form's message for everybody.
        await self._adopt(context, draft.request_id, str(context.activity.reply_to_id or ""), 0)
        try:
            request = await self._access.submit(actor_of(context.activity), draft)
        except Refusal as refusal:
            options["justification"] = click.justification
            options["duration"] = click.duration
            options["error"] = refusal.sentence
            await self._open_form(context, options)
            return
        await show_card(context, request_card(request, buttons=False))

    async def _adopt(
        self, context: TurnContext, request_id: str, activity_id: str, revision: int
    ) -> None:
        """Keep the requester's own card among the messages that follow the request.

        ``revision`` is the number of the last event that it shows to everybody.
        """
        if not activity_id:
            return
        activity = context.activity
        ref = MessageRef(str(activity.service_url), str(activity.conversation.id), activity_id)
        await self._messages.adopt(request_id, REQUESTER_CARD, ref, revision)

    async def _on_decision(self, context: TurnContext) -> None:
        actor = actor_of(context.activity)
        verb, data = _action_of(context.activity)
        request_id = _text(data.get(verbs.REQUEST))
        if not is_request_id(request_id):
            raise UnknownRequest
        match verb:
            case verbs.APPROVE:
                request = await self._access.approve(actor, request_id)
            case verbs.DENY:
                reason = _text(data.get(verbs.REASON)).strip()[:LONGEST_REASON]
                request = await self._access.deny(actor, request_id, reason)
            case _:
                raise UnknownRequest
        await show_card(context, request_card(request, buttons=False))


def _fault_of(command: RequestSecret, offer: Offer) -> str | None:
    """Say what is wrong with the parts that were typed; parts left out are not wrong."""
    if command.duration:
        window = parse_duration(command.duration)
        decision = decide_window(offer.policy.shortest, offer.policy.longest, window)
        if decision.reason:
            return decision.reason.sentence
    if command.justification:
        decision = decide_justification(command.justification)
        if decision.reason:
            return decision.reason.sentence
    return None


def _form_options(request_id: str, offer: Offer) -> RequestOptions:
    return RequestOptions(
        form_id=request_id,
        secret=offer.policy.secret,
        vault=offer.policy.vault.name,
        approvers=[person.name for person in offer.approvers],
        shortest_seconds=offer.policy.shortest.total_seconds(),
        longest_seconds=offer.policy.longest.total_seconds(),
    )


def _welcomes(activity: Activity) -> bool:
    return bool(activity.action == "add") and is_personal(activity)


def _action_of(activity: Activity) -> tuple[str, Mapping[str, Any]]:
    value = activity.value if isinstance(activity.value, dict) else {}
    action = value.get("action")
    if not isinstance(action, dict):
        return "", {}
    data = action.get("data")
    return _text(action.get("verb")), data if isinstance(data, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
