"""The bot: route each turn to its handler."""

from dataclasses import replace

from bot.forms import Forms
from bot.handlers.access import AccessHandlers
from bot.handlers.break_glass import BreakGlassHandlers
from bot.handlers.clicks import ClickTable
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
)
from bot.handlers.endings import EndingHandlers
from bot.handlers.export import ExportHandlers
from bot.handlers.extensions import ExtensionHandlers
from bot.handlers.history import HistoryHandlers
from bot.handlers.history_commands import ExportHistory, ShowHistory, ShowReport, VerifyWorkflow
from bot.handlers.listings import ListingHandlers
from bot.handlers.named_secrets import SecretNameLookup, named
from bot.handlers.operators import OperatorHandlers
from bot.handlers.overdue import OverdueHandlers
from bot.handlers.refresh import RefreshHandlers
from bot.handlers.rotation import RotationHandlers
from bot.ids import is_rotation_id
from bot.turn import Turn, TurnKind
from cards.kit.notice import notice
from cards.kit.tone import Tone
from cards.operations.help_card import help_card
from domain.refusals import Refusal
from services.people.addresses import ConversationAddresses

_HELP = help_card(USAGES)  # drawn once: it is the same for everybody


class Latchkey:
    """Handles every authenticated turn."""

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
        forms: Forms,
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
        self._references = references
        self._forms = forms
        self._names = names
        self._clicks = ClickTable(
            [
                access,
                rotation,
                break_glass,
                windows,
                endings,
                overdue,
                listings,
                history,
                refreshing,
            ]
        )

    async def on_turn(self, turn: Turn) -> None:
        """Answer one activity; kinds that ask for nothing, such as edits, are left alone."""
        match turn.kind:
            case TurnKind.MESSAGE:
                await self._remember(turn)
                await self._on_message(turn)
            case TurnKind.CLICK:
                await self._on_click(turn)
            case TurnKind.FILE_CONSENT:
                await self._exports.on_consent(turn)
            case TurnKind.INSTALLED:
                await self._remember(turn)
                await turn.reply(_HELP)
            case TurnKind.MEMBERSHIP:
                await self._remember(turn)
            case TurnKind.OTHER:
                pass

    async def _remember(self, turn: Turn) -> None:
        """Keep where this conversation, its team and this person can be reached."""
        where = turn.conversation
        await self._references.remember_conversation(where.address)
        if where.team:
            await self._references.remember_team(where.address.conversation_id, where.team)
        if where.is_personal and turn.is_from_person:
            known_as = replace(where.address, teams_id=turn.sender_id)
            await self._references.remember_person(turn.actor.object_id, known_as)

    async def _on_message(self, turn: Turn) -> None:
        command = read_command(turn.text)
        try:
            await self._obey(turn, named(command, self._names))
        except Refusal as refusal:
            await turn.reply(notice(refusal.sentence, Tone.WARNING))
        await self._forms.save(turn)

    async def _obey(  # noqa: C901 - one branch a command
        self, turn: Turn, command: Command
    ) -> None:
        match command:
            case RequestSecret():
                await self._access.request(turn, command)
            case BreakGlass():
                await self._break_glass.take(turn, command)
            case ListSecrets():
                await self._access.list_secrets(turn)
            case MyAccess():
                await self._listings.my_access(turn)
            case ListApprovals():
                await self._listings.approvals(turn)
            case ShowStatus(workflow_id):
                await self._listings.status(turn, workflow_id)
            case CancelRequest(request_id):
                await self._endings.cancel(turn, request_id)
            case RevokeAccess(request_id):
                await self._revoke(turn, request_id)
            case RotateSecret(secret):
                await self._rotation.rotate(turn, secret)
            case PlanRotation(secret):
                await self._rotation.plan(turn, secret)
            case RetryWorkflow(workflow_id):
                await self._retry(turn, workflow_id)
            case CloseAccess(workflow_id, reason):
                await self._overdue.close(turn, workflow_id, reason)
            case AbandonRotation(rotation_id, reason):
                await self._rotation.abandon(turn, rotation_id, reason)
            case ExtendAccess(request_id, duration):
                await self._windows.extend(turn, request_id, duration)
            case ListRotations():
                await self._rotation.list_rotations(turn)
            case ListStuck():
                await self._operators.list_stuck(turn)
            case Examine():
                await self._operators.examine(turn)
            case ShowHistory(wanted):
                await self._history.show(turn, wanted)
            case VerifyWorkflow(workflow_id):
                await self._history.verify(turn, workflow_id)
            case ShowReport():
                await self._history.report(turn)
            case ExportHistory():
                await self._exports.offer(turn, command)
            case Help():
                await turn.reply(_HELP)
            case NotUnderstood(typed, nearest):
                meant = f"Did you mean: {nearest}" if nearest else "Type help to see what I can do."
                sentence = f"I don't understand “{typed}”. {meant}"
                await turn.reply(notice(sentence, Tone.QUIET))

    async def _retry(self, turn: Turn, workflow_id: str) -> None:
        """Try again whatever this id stands for."""
        if await self._overdue.put_back(turn, workflow_id):
            return
        if is_rotation_id(workflow_id):
            await self._rotation.retry(turn, workflow_id)
        else:
            await self._overdue.retry(turn, workflow_id)

    async def _revoke(self, turn: Turn, request_id: str) -> None:
        """End access before its time; where its time is over, try to take it away now."""
        if await self._overdue.is_overdue(request_id):
            await self._overdue.retry(turn, request_id)
        else:
            await self._endings.revoke(turn, request_id)

    async def _on_click(self, turn: Turn) -> None:
        try:
            await self._clicks.serve(turn)
        except Refusal as refusal:
            await turn.answer(refusal.sentence)
        await self._forms.save(turn)
