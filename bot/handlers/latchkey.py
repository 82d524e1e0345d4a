"""The bot: route each turn to its handler."""

from dataclasses import replace

from bot.forms import Forms
from bot.handlers import command_table
from bot.handlers.clicks import ClickTable
from bot.handlers.command_table import Handlers
from bot.handlers.named_secrets import SecretNameLookup, named
from bot.handlers.typed import unquoted
from bot.turn import Turn, TurnKind
from cards.kit.notice import notice
from cards.kit.tone import Tone
from cards.reasons.sentences import sentence_of
from domain.refusals import Refusal
from services.people.addresses import ConversationAddresses

_LONGEST_ECHO = 40


class Latchkey:
    """Handles every authenticated turn."""

    def __init__(
        self,
        handlers: Handlers,
        addresses: ConversationAddresses,
        forms: Forms,
        names: SecretNameLookup,
    ) -> None:
        self._handlers = handlers
        self._addresses = addresses
        self._forms = forms
        self._names = names
        self._clicks = ClickTable(
            [
                handlers.access,
                handlers.break_glass,
                handlers.endings,
                handlers.extensions,
                handlers.history,
                handlers.listings,
                handlers.my_access,
                handlers.operators,
                handlers.overdue,
                handlers.policy_file,
                handlers.refresh,
                handlers.rotation,
                handlers.rotation_list,
                handlers.secret_list,
                handlers.stuck_list,
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
                await self._handlers.exports.on_consent(turn)
            case TurnKind.INSTALLED:
                await self._remember(turn)
                await turn.reply(command_table.help_content())
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

    async def _on_message(self, turn: Turn) -> None:
        try:
            await self._serve(turn)
        except Refusal as refusal:
            await turn.reply(notice(sentence_of(refusal), Tone.WARNING))
        await self._forms.save(turn)

    async def _serve(self, turn: Turn) -> None:
        found = command_table.read(turn.text)
        if found:
            command, value = found
            await command.serve(self._handlers, turn, named(value, self._names))
            return
        nearest = command_table.nearest(turn.text)
        meant = f"Did you mean: {nearest}" if nearest else "Type help to see what I can do."
        sentence = f"I don't understand “{unquoted(turn.text)[:_LONGEST_ECHO]}”. {meant}"
        await turn.reply(notice(sentence, Tone.QUIET))

    async def _on_click(self, turn: Turn) -> None:
        try:
            await self._clicks.serve(turn)
        except Refusal as refusal:
            await turn.answer(sentence_of(refusal))
        await self._forms.save(turn)
