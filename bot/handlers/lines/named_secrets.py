"""Find the secrets that commands name: by their URLs, and where a period could be a name."""

from dataclasses import replace
from typing import Protocol

from bot.handlers.lines.command import AboutSecret
from bot.handlers.lines.history_commands import (
    ExportFigures,
    ExportHistory,
    ShowHistory,
    ShowReport,
    Wanted,
)
from bot.handlers.lines.request_commands import BreakGlass, RequestSecret
from bot.handlers.lines.why_command import Why
from domain.access.rules.request_rules import distinct


class SecretNameLookup(Protocol):
    """Resolves a secret's URL to its name."""

    def name_of(self, typed: str) -> str: ...

    def is_requestable(self, typed: str) -> bool: ...

    def has_own_rule(self, typed: str) -> bool: ...


def named(command: object, names: SecretNameLookup) -> object:
    """Replace URLs by names, and periods that are the names of secrets.

    Raises a refusal for a URL in another vault.
    """
    match command:
        case RequestSecret() | BreakGlass():
            return replace(command, secrets=distinct(tuple(map(names.name_of, command.secrets))))
        case AboutSecret() | Why():
            return replace(command, secret=names.name_of(command.secret))
        case ShowHistory(wanted) | ExportHistory(_, wanted):
            wanted = replace(wanted, subject=names.name_of(wanted.subject))
            if not wanted.subject and names.has_own_rule(wanted.last):
                wanted = Wanted(wanted.last, "")
            return replace(command, wanted=wanted)
        case ShowReport():
            return _about_secret(command, names)
        case ExportFigures(report):
            return ExportFigures(_about_secret(report, names))
        case _:
            return command


def _about_secret(report: ShowReport, names: SecretNameLookup) -> ShowReport:
    if not report.secret and names.has_own_rule(report.last):
        return ShowReport(report.last, "")
    return replace(report, secret=names.name_of(report.secret))
