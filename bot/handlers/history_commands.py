"""Parse the history commands: ``history``, ``export``, ``verify``, ``report``."""

from dataclasses import dataclass

from bot.handlers.typed import bare
from services.audit.export import Format

HISTORY_USAGES = (
    ("history [NAME|ID|@person] [last 7d]", "Show requests and rotations, newest first"),
    ("verify ID", "Admins: check that no event of a request or rotation was changed or removed"),
    ("export [csv|json] [NAME|@person] [last 7d]", "Admins: the history as a file"),
    ("report", "Admins: a summary of the last 30 days"),
)

_FORMATS = {each.value: each for each in Format}


@dataclass(frozen=True, slots=True)
class Wanted:
    """``[NAME|ID|@person] [last DURATION]``, each part as typed, or empty."""

    subject: str
    last: str


@dataclass(frozen=True, slots=True)
class ShowHistory:
    """``history …``."""

    wanted: Wanted


@dataclass(frozen=True, slots=True)
class ExportHistory:
    """``export [csv|json] …``."""

    form: Format
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class VerifyWorkflow:
    """``verify ID``."""

    workflow_id: str


@dataclass(frozen=True, slots=True)
class ShowReport:
    """``report``."""


HistoryCommand = ShowHistory | ExportHistory | VerifyWorkflow | ShowReport


def read_history_command(text: str) -> HistoryCommand | None:
    """Parse a history command; None if it isn't one."""
    words = text.split()
    match [bare(word).casefold() for word in words]:
        case ["report"]:
            return ShowReport()
        case ["verify", workflow_id]:
            return VerifyWorkflow(workflow_id)
        case ["history", *_]:
            return ShowHistory(_wanted(words[1:]))
        case ["export", form, *_] if form in _FORMATS:
            return ExportHistory(_FORMATS[form], _wanted(words[2:]))
        case ["export", *_]:
            return ExportHistory(Format.CSV, _wanted(words[1:]))
        case _:
            return None


def _wanted(words: list[str]) -> Wanted:
    folded = [bare(word).casefold() for word in words]
    # A secret can be called "last"; its duration then comes at the end of the line.
    at = folded.index("last") if "last" in folded[:-1] else len(words)
    subject = words[:at]
    if len(subject) == 1 and not subject[0].startswith("@"):
        subject = [bare(subject[0])]  # several words are a person's name
    return Wanted(" ".join(subject), bare("".join(words[at + 1 :])))
