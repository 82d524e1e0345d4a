"""Serve typed lines, and the buttons that run one."""

from collections.abc import Mapping

from bot.handlers import command_table
from bot.handlers.clicks import ClickHandler
from bot.handlers.command_table import Handlers
from bot.handlers.lines.command import Line, Role
from bot.handlers.lines.named_secrets import SecretNameLookup, named
from bot.handlers.lines.suggestions import Suggestions
from bot.handlers.lines.typed import unquoted
from bot.ids import is_workflow_id
from bot.turn import Click, Turn
from cards.kit import verbs
from cards.kit.notice import notice
from cards.kit.tone import Tone
from cards.operations.suggestion_card import ran, suggestion_card
from cards.reasons.sentences import sentence_of
from domain.refusals.decisions import UnknownRequest
from domain.refusals.records import Archived, NothingToSee, UnknownWorkflow
from domain.refusals.refusal import Refusal
from domain.refusals.rotations import UnknownRotation
from services.audit.days.sealed_records import SealedRecords
from services.people.roles import KnownRoles, PersonRole

_LONGEST_NAME = 200
"""Room for what PICK puts before its line."""


class TypedLines:
    """Reads a line with the table of commands; one that isn't a command gets the nearest."""

    def __init__(
        self,
        handlers: Handlers,
        names: SecretNameLookup,
        sealed: SealedRecords,
        roles: KnownRoles,
    ) -> None:
        self._handlers = handlers
        self._roles = roles
        self._sealed = sealed
        self._names = names
        commands = command_table.COMMANDS
        self._for_admins = Suggestions(commands, names.is_requestable)
        for_everyone = [one for one in commands if one.role is not Role.ADMIN]
        self._for_others = Suggestions(for_everyone, names.is_requestable)

    @property
    def clicks(self) -> Mapping[str, ClickHandler]:
        """The verbs that these handlers serve."""
        return {
            verbs.RUN: self.on_run,
            verbs.PICK: self.on_pick,
        }

    async def serve(self, turn: Turn) -> None:
        """Serve a line; a refusal is the reply."""
        try:
            await self._serve(turn)
        except (NothingToSee, UnknownRequest, UnknownRotation, UnknownWorkflow) as refusal:
            archived = await self._archived(turn.text)
            await turn.reply(notice(sentence_of(archived or refusal), Tone.WARNING))
        except Refusal as refusal:
            await turn.reply(notice(sentence_of(refusal), Tone.WARNING))

    async def _archived(self, line: str) -> Archived | None:
        """Return what became of a workflow that a line names, if it was archived."""
        for word in Line.of(line).words:
            record = await self._sealed.find(word) if is_workflow_id(word) else None
            if record:
                return Archived(word, record.archived_on.isoformat())
        return None

    async def on_run(self, turn: Turn, click: Click) -> None:
        """Serve a button's line as if the clicker had typed it, with the same checks."""
        await self._run(turn, click.text(verbs.LINE))

    async def on_pick(self, turn: Turn, click: Click) -> None:
        """Request the chosen secret, with what was typed about the request before."""
        chosen, more = click.text(verbs.PICKED), click.text(verbs.LINE)
        await self._run(turn, f"request secret {chosen} {more}".strip())

    async def _run(self, turn: Turn, line: str) -> None:
        if not line.strip() or len(line) > verbs.LONGEST_LINE + _LONGEST_NAME:
            raise UnknownRequest
        await self.serve(turn.as_typed(line))
        if not turn.is_answered:
            await turn.answer(ran(line))

    async def _serve(self, turn: Turn) -> None:
        people = [mention.name for mention in turn.mentions]
        found = command_table.read(turn.text, people)
        if found:
            command, value = found
            await command.serve(self._handlers, turn, named(value, self._names))
            return
        in_channel = not turn.conversation.is_personal
        is_admin = PersonRole.ADMIN in await self._roles.of(turn.actor)
        suggestions = self._for_admins if is_admin else self._for_others
        meant = suggestions.of(turn.text, people, in_channel=in_channel)
        await turn.reply(suggestion_card(unquoted(turn.text), meant.form, meant.offers))
