"""The bot: route each turn to its handler."""

from dataclasses import replace

from bot.handlers.clicks import ClickTable
from bot.handlers.command_table import Handlers
from bot.handlers.lines.named_secrets import SecretNameLookup
from bot.handlers.typed_lines import TypedLines
from bot.turn import Turn, TurnKind
from cards.reasons.sentences import sentence_of
from domain.refusals.refusal import Refusal
from services.audit.days.sealed_records import SealedRecords
from services.people.addresses import ConversationAddresses
from services.people.roles import KnownRoles

_SPEAKING = frozenset({TurnKind.MESSAGE, TurnKind.CLICK, TurnKind.FILE_CONSENT, TurnKind.INSTALLED})
"""The kinds that come from a person's own client, which knows their language."""


class Latchkey:
    """Handles every authenticated turn."""

    def __init__(
        self,
        handlers: Handlers,
        addresses: ConversationAddresses,
        names: SecretNameLookup,
        sealed: SealedRecords,
        roles: KnownRoles,
    ) -> None:
        self._handlers = handlers
        self._addresses = addresses
        self._lines = TypedLines(handlers, names, sealed, roles)
        self._clicks = ClickTable(
            [
                handlers.access,
                handlers.break_glass,
                handlers.drills,
                handlers.endings,
                handlers.extensions,
                handlers.history,
                handlers.listings,
                handlers.my_access,
                handlers.operators,
                handlers.overdue,
                handlers.own_requests,
                handlers.erasing,
                handlers.policy_file,
                handlers.refresh,
                handlers.rotation,
                handlers.rotation_list,
                handlers.secret_list,
                handlers.stuck_list,
                self._lines,
            ]
        )

    async def on_turn(self, turn: Turn) -> None:
        """Answer one activity; kinds that ask for nothing, such as edits, are left alone."""
        if turn.is_from_person and turn.kind in _SPEAKING:
            self._addresses.hear(turn.actor.object_id, turn.locale)
        match turn.kind:
            case TurnKind.MESSAGE:
                await self._remember(turn)
                await self._lines.serve(turn)
            case TurnKind.CLICK:
                await self._on_click(turn)
            case TurnKind.FILE_CONSENT:
                await self._handlers.exports.on_consent(turn)
            case TurnKind.INSTALLED:
                await self._remember(turn)
                await self._handlers.welcome.greet_newcomer(turn)
            case TurnKind.MEMBERSHIP:
                await self._remember(turn)
            case TurnKind.OTHER:
                pass

    async def _remember(self, turn: Turn) -> None:
        """Keep where this conversation, its team and this person can be reached."""
        where = turn.conversation
        await self._addresses.remember_conversation(where.address)
        if where.team:
            await self._addresses.remember_team(where.address.conversation_id, where.team)
        if where.is_personal and turn.is_from_person:
            known_as = replace(where.address, teams_id=turn.sender_id)
            await self._addresses.remember_person(turn.actor.object_id, known_as)

    async def _on_click(self, turn: Turn) -> None:
        try:
            await self._clicks.serve(turn)
        except Refusal as refusal:
            await turn.answer(sentence_of(refusal))
