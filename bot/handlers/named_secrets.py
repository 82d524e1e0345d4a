"""Replace typed secret URLs in commands by the secrets' names."""

from dataclasses import replace
from typing import Protocol

from bot.handlers.commands import BreakGlass, Command, PlanRotation, RequestSecret, RotateSecret
from bot.handlers.history_commands import ExportHistory, ShowHistory
from domain.access.rules import distinct


class SecretNameLookup(Protocol):
    """Resolves a secret's URL to its name."""

    def name_of(self, typed: str) -> str: ...


def named(command: Command, names: SecretNameLookup) -> Command:
    """Replace URLs by names; raise a refusal for a URL in another vault."""
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
