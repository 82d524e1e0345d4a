"""Commands whose secrets were typed as addresses, as commands about their names."""

from dataclasses import replace
from typing import Protocol

from bot.handlers.commands import BreakGlass, Command, PlanRotation, RequestSecret, RotateSecret
from bot.handlers.history_commands import ExportHistory, ShowHistory
from domain.access.rules import distinct


class SecretNameLookup(Protocol):
    """Whoever knows which secret is meant by an address."""

    def name_of(self, typed: str) -> str: ...


def named(command: Command, names: SecretNameLookup) -> Command:
    """Put names in the place of addresses; raises the refusal of one that is in another vault."""
    match command:
        case RequestSecret() | BreakGlass():
            return replace(command, secrets=distinct(tuple(map(names.name_of, command.secrets))))
        case RotateSecret() | PlanRotation():
            return replace(command, secret=names.name_of(command.secret))
        case ShowHistory(wanted) | ExportHistory(_, wanted):
            subject = names.name_of(wanted.subject)
            return replace(command, wanted=replace(wanted, subject=subject))
        case _:
            return command
