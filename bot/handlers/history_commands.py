"""The commands about the past: ``history``, ``export``, ``report`` and ``review``."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.handlers.command import Line
from bot.handlers.typed import bare
from domain.durations import parse_duration
from services.audit.export import Format

_FILLERS = frozenset({"about", "for", "last", "of", "on", "secret", "the"})
"""Words that people put between ``report`` and what it is about."""

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
class VerifyDay:
    """``verify day DAY``, the day as typed."""

    day: str


@dataclass(frozen=True, slots=True)
class ShowReport:
    """``report [NAME] [DURATION]``, each part as typed, or empty."""

    secret: str
    last: str


@dataclass(frozen=True, slots=True)
class ExportHistory:
    """``export [csv|json] …``."""

    form: Format
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class ExportFigures:
    """``export figures …``: a report as a file."""

    report: ShowReport


@dataclass(frozen=True, slots=True)
class ReviewAccess:
    """``review [last] [DURATION]``, the duration as typed, or empty."""

    last: str


def read_report(line: Line) -> ShowReport | None:
    """Read ``report demo-api-key last 90d``; a duration at the end is the period."""
    return _read_report(line.typed[1:])


def _read_report(typed: Sequence[str]) -> ShowReport | None:
    words = [word for word in typed if word.casefold() not in _FILLERS]
    for names in (0, 1):
        last = "".join(words[names:])
        if last and parse_duration(last):
            return ShowReport("".join(words[:names]), last)
    if len(words) <= 1:
        return ShowReport("".join(words), "")
    for names in (0, 1):  # "3 months" isn't a duration, but it isn't a name either
        if words[names][0].isdigit():
            return ShowReport("".join(words[:names]), "".join(words[names:]))
    return None


def read_review(line: Line) -> ReviewAccess | None:
    """Read ``review [last 30d]``; anything else that follows isn't this command."""
    words = line.words[2:] if line.words[1:2] in {("last",), ("access",)} else line.words[1:]
    last = "".join(words)
    if last and not last[0].isdigit():
        return None
    return ReviewAccess(last)


def read_history(line: Line) -> ShowHistory:
    """Read ``history …``."""
    return ShowHistory(_wanted(line.shown[1:]))


def read_export(line: Line) -> ExportHistory | ExportFigures | None:
    """Read ``export …``; as CSV unless it says otherwise."""
    if line.words[1:2] == ("figures",):
        figures = _read_report(line.typed[2:])
        return ExportFigures(figures) if figures else None
    words = line.shown
    if len(line.words) > 1 and line.words[1] in _FORMATS:
        return ExportHistory(_FORMATS[line.words[1]], _wanted(words[2:]))
    return ExportHistory(Format.CSV, _wanted(words[1:]))


def _wanted(words: list[str]) -> Wanted:
    folded = [bare(word).casefold() for word in words]
    # A secret can be called "last"; its duration then comes at the end of the line.
    at = folded.index("last") if "last" in folded[:-1] else len(words)
    subject = words[:at]
    if len(subject) == 1 and not subject[0].startswith("@"):
        subject = [bare(subject[0])]  # several words are a person's name
    return Wanted(" ".join(subject), bare("".join(words[at + 1 :])))


def read_verify_day(line: Line) -> VerifyDay | None:
    """Read ``verify day DAY``."""
    if line.words[:2] != ("verify", "day") or len(line.words) != 3:
        return None
    return VerifyDay(line.words[2])
