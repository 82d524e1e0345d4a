"""Replace typed secret URLs in commands by the secrets' names."""

from dataclasses import replace
from typing import Protocol

from bot.handlers.command import AboutSecret
from bot.handlers.history_commands import ExportHistory, ShowHistory
from bot.handlers.request_commands import BreakGlass, RequestSecret
from bot.handlers.why_command import Why
from domain.access.rules import distinct


class SecretNameLookup(Protocol):
    """Resolves a secret's URL to its name."""

    def name_of(self, typed: str) -> str: ...

    def is_requestable(self, typed: str) -> bool: ...


def named(command: object, names: SecretNameLookup) -> object:
    """Replace URLs by names; raise a refusal for a URL in another vault."""
    match command:
        case RequestSecret() | BreakGlass():
            return replace(command, secrets=distinct(tuple(map(names.name_of, command.secrets))))
        case AboutSecret() | Why():
            return replace(command, secret=names.name_of(command.secret))
        case ShowHistory(wanted) | ExportHistory(_, wanted):
            subject = names.name_of(wanted.subject)
            return replace(command, wanted=replace(wanted, subject=subject))
        case _:
            return command
