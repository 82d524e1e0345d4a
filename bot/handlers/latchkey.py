"""The bot: which turn is whose."""

import logging
from dataclasses import replace

from botbuilder.core import TurnContext
from botbuilder.schema import Activity, ActivityTypes

from bot.delivery.answers import answer_clicker, reply_card
from bot.handlers.access import AccessHandlers
from bot.handlers.break_glass import BreakGlassHandlers
from bot.handlers.clicks import Click, read_click
from bot.handlers.commands import (
    USAGES,
    AbandonRotation,
    BreakGlass,
    CancelRequest,
    CloseAccess,
    Command,
    Examine,
    ExtendAccess,
    Help,
    ListApprovals,
    ListRotations,
    ListSecrets,
    ListStuck,
    MyAccess,
    NotUnderstood,
    PlanRotation,
    RequestSecret,
    RetryWorkflow,
    RevokeAccess,
    RotateSecret,
    ShowStatus,
    read_command,
    text_of,
)
from bot.handlers.endings import ENDING_VERBS, EndingHandlers
from bot.handlers.export import ExportHandlers
from bot.handlers.extensions import WINDOW_VERBS, ExtensionHandlers
from bot.handlers.history import HISTORY_VERBS, HistoryHandlers
from bot.handlers.history_commands import ExportHistory, ShowHistory, ShowReport, VerifyWorkflow
from bot.handlers.listings import LISTING_VERBS, ListingHandlers
from bot.handlers.named_secrets import SecretNameLookup, named
from bot.handlers.operators import OperatorHandlers
from bot.handlers.overdue import OVERDUE_VERBS, OverdueHandlers
from bot.handlers.refresh import RefreshHandlers
from bot.handlers.rotation import RotationHandlers
from bot.transport.activity_facts import actor_of, is_personal, reference_of, team_of
from bot.transport.file_consent import FILE_CONSENT
from bot.transport.ids import is_rotation_id
from bot.transport.storage import DialogMemory
from cards.kit import verbs
from cards.kit.notice import notice
from cards.kit.tone import Tone
from cards.operations.help_card import help_card
from dialogs.form_click import CARD_ACTION, read_form_click
from domain.refusals import Refusal, UnknownRequest
from services.faults import Conflict
from services.people.addresses import ConversationAddresses

log = logging.getLogger(__name__)

_HELP = help_card(USAGES)  # drawn once: it is the same for everybody
_DECISIONS = frozenset({verbs.APPROVE, verbs.DENY})
_ROTATIONS = frozenset(
    {
        verbs.ROTATION_CONFIRM,
        verbs.ROTATION_CANCEL,
        verbs.ROTATION_APPROVE,
        verbs.ROTATION_DENY,
        verbs.ROTATION_RETRY,
        verbs.ROTATION_ABANDON,
        verbs.ROTATION_KEEP,
    }
)


class Latchkey:
    """Takes every turn that the gate has let in."""

    def __init__(
        self,
        access: AccessHandlers,
        rotation: RotationHandlers,
        break_glass: BreakGlassHandlers,
        windows: ExtensionHandlers,
        endings: EndingHandlers,
        overdue: OverdueHandlers,
        listings: ListingHandlers,
        history: HistoryHandlers,
        exports: ExportHandlers,
        operators: OperatorHandlers,
        refreshing: RefreshHandlers,
        references: ConversationAddresses,
        memory: DialogMemory,
        names: SecretNameLookup,
    ) -> None:
        self._access = access
        self._rotation = rotation
        self._break_glass = break_glass
        self._windows = windows
        self._endings = endings
        self._overdue = overdue
        self._listings = listings
        self._history = history
        self._exports = exports
        self._operators = operators
        self._refreshing = refreshing
        self._references = references
        self._memory = memory
        self._names = names

    async def on_turn(self, context: TurnContext) -> None:
        """Answer one activity; kinds that ask for nothing, such as edits, are left alone."""
        activity = context.activity
        match activity.type:
            case ActivityTypes.message:
                await self._remember(activity)
                await self._on_message(context)
            case ActivityTypes.invoke if activity.name == CARD_ACTION:
                await self._on_click(context)
            case ActivityTypes.invoke if activity.name == FILE_CONSENT:
                await self._exports.on_consent(context)
            case ActivityTypes.installation_update | ActivityTypes.conversation_update:
                await self._remember(activity)
                if activity.type == ActivityTypes.installation_update and _welcomes(activity):
                    await reply_card(context, _HELP)

    async def _remember(self, activity: Activity) -> None:
        reference = reference_of(activity)
        await self._references.remember_conversation(reference)
        if team := team_of(activity):
            await self._references.remember_team(reference.conversation_id, team)
        if is_personal(activity) and activity.from_property.aad_object_id:
            known_as = replace(reference, teams_id=str(activity.from_property.id or ""))
            await self._references.remember_person(actor_of(activity).object_id, known_as)

    async def _on_message(self, context: TurnContext) -> None:
        command = read_command(text_of(context.activity))
        try:
            await self._obey(context, named(command, self._names))
        except Refusal as refusal:
            await reply_card(context, notice(refusal.sentence, Tone.WARNING))
        await self._save(context)

    async def _obey(  # noqa: C901 - one branch a command
        self, context: TurnContext, command: Command
    ) -> None:
        match command:
            case RequestSecret():
                await self._access.request(context, command)
            case BreakGlass():
                await self._break_glass.take(context, command)
            case ListSecrets():
                await self._access.list_secrets(context)
            case MyAccess():
                await self._listings.my_access(context)
            case ListApprovals():
                await self._listings.approvals(context)
            case ShowStatus(workflow_id):
                await self._listings.status(context, workflow_id)
            case CancelRequest(request_id):
                await self._endings.cancel(context, request_id)
            case RevokeAccess(request_id):
                await self._revoke(context, request_id)
            case RotateSecret(secret):
                await self._rotation.rotate(context, secret)
            case PlanRotation(secret):
                await self._rotation.plan(context, secret)
            case RetryWorkflow(workflow_id):
                await self._retry(context, workflow_id)
            case CloseAccess(workflow_id, reason):
                await self._overdue.close(context, workflow_id, reason)
            case AbandonRotation(rotation_id, reason):
                await self._rotation.abandon(context, rotation_id, reason)
            case ExtendAccess(request_id, duration):
                await self._windows.extend(context, request_id, duration)
            case ListRotations():
                await self._rotation.list_rotations(context)
            case ListStuck():
                await self._operators.list_stuck(context)
            case Examine():
                await self._operators.examine(context)
            case ShowHistory(wanted):
                await self._history.show(context, wanted)
            case VerifyWorkflow(workflow_id):
                await self._history.verify(context, workflow_id)
            case ShowReport():
                await self._history.report(context)
            case ExportHistory():
                await self._exports.offer(context, command)
            case Help():
                await reply_card(context, _HELP)
            case NotUnderstood(typed, nearest):
                meant = f"Did you mean: {nearest}" if nearest else "Type help to see what I can do."
                sentence = f"I do not understand “{typed}”. {meant}"
                await reply_card(context, notice(sentence, Tone.QUIET))

    async def _retry(self, context: TurnContext, workflow_id: str) -> None:
        """Try again whatever this id stands for."""
        if await self._overdue.put_back(context, workflow_id):
            return
        if is_rotation_id(workflow_id):
            await self._rotation.retry(context, workflow_id)
        else:
            await self._overdue.retry(context, workflow_id)

    async def _revoke(self, context: TurnContext, request_id: str) -> None:
        """End access before its time; where its time is over, try to take it away now."""
        if await self._overdue.is_overdue(request_id):
            await self._overdue.retry(context, request_id)
        else:
            await self._endings.revoke(context, request_id)

    async def _on_click(self, context: TurnContext) -> None:
        try:
            if form := read_form_click(context.activity):
                await self._access.on_form(context, form)
            else:
                await self._on_button(context, read_click(context.activity))
        except Refusal as refusal:
            await answer_clicker(context, refusal.sentence)
        await self._save(context)

    async def _on_button(self, context: TurnContext, click: Click) -> None:
        if click.verb in _DECISIONS:
            await self._access.on_decision(context, click)
        elif click.verb == verbs.REVIEWED:
            await self._break_glass.on_review(context, click)
        elif click.verb == verbs.REFRESH:
            await self._refreshing.on_click(context, click)
        elif click.verb in WINDOW_VERBS:
            await self._windows.on_click(context, click)
        elif click.verb in ENDING_VERBS:
            await self._endings.on_click(context, click)
        elif click.verb in OVERDUE_VERBS:
            await self._overdue.on_click(context, click)
        elif click.verb in LISTING_VERBS:
            await self._listings.on_click(context, click)
        elif click.verb in HISTORY_VERBS:
            await self._history.on_click(context, click)
        elif click.verb in _ROTATIONS:
            await self._rotation.on_click(context, click)
        else:
            raise UnknownRequest

    async def _save(self, context: TurnContext) -> None:
        try:
            await self._memory.save_changes(context)
        except Conflict:
            # The same person spoke twice at once. The other turn's form is the one that is open;
            # what this turn filed is filed.
            log.info("dialog state not saved: another turn of the same person was first")


def _welcomes(activity: Activity) -> bool:
    return bool(activity.action == "add") and is_personal(activity)
