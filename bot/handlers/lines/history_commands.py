"""The commands about the past: ``history``, ``export``, ``report`` and ``review``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.handlers.lines.command import Line
from bot.handlers.lines.typed import bare
from bot.ids import is_workflow_id
from domain.days import MOST_WORDS
from domain.durations import parse_duration
from services.audit.files.export import Format

_FILLERS = frozenset({"about", "for", "of", "on", "secret", "the"})
"""Words that people put before and after what a command is about."""
_LAST = "last"
_MOST_PERIOD_WORDS = 8
"""``1 day, 2 hours and 30 minutes`` has seven words."""
_MEANT = re.compile(r"[-+]?\d[\d.,]*[^\W\d_]{0,12}")
"""What is meant as a period, even if it's invalid: ``0d``, ``-1d``, ``1,5d``, ``3 months``."""

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
class ExportReads:
    """``export reads …``: the reads under a request's grant, or those that a report is about."""

    workflow_id: str
    """In lower case; empty without one."""
    report: ShowReport


@dataclass(frozen=True, slots=True)
class ReviewAccess:
    """``review [last] [DURATION]``, the duration as typed, or empty."""

    last: str


def read_report(line: Line) -> ShowReport | None:
    """Read ``report demo-api-key last 90d``; a duration at the end is the period."""
    return _report(line.shown[1:])


def _report(words: Sequence[str]) -> ShowReport | None:
    wanted = _wanted(words)
    if wanted.subject.casefold() in _FILLERS | {_LAST}:
        return ShowReport("", wanted.last)
    if " " in wanted.subject:
        return None
    return ShowReport(bare(wanted.subject), wanted.last)


def read_review(line: Line) -> ReviewAccess | None:
    """Read ``review [last 30d]``; anything else that follows isn't this command."""
    words = line.words[2:] if line.words[1:2] == ("access",) else line.words[1:]
    wanted = _wanted(words)
    return None if wanted.subject else ReviewAccess(wanted.last)


def read_history(line: Line) -> ShowHistory:
    """Read ``history …``."""
    return ShowHistory(_wanted(line.shown[1:]))


def read_export(line: Line) -> ExportHistory | ExportFigures | ExportReads | None:
    """Read ``export …``; as CSV unless it says otherwise."""
    if line.words[1:2] == ("reads",):
        return _reads(line.shown[2:])
    if line.words[1:2] == ("figures",):
        figures = _report(line.shown[2:])
        return ExportFigures(figures) if figures else None
    words = line.shown
    if len(line.words) > 1 and line.words[1] in _FORMATS:
        return ExportHistory(_FORMATS[line.words[1]], _wanted(words[2:]))
    return ExportHistory(Format.CSV, _wanted(words[1:]))


def _reads(words: Sequence[str]) -> ExportReads | None:
    report = _report(words)
    if report is None:
        return None
    workflow_id = report.secret.casefold()
    if is_workflow_id(workflow_id):
        return None if report.last else ExportReads(workflow_id, ShowReport("", ""))
    return ExportReads("", report)


def _wanted(words: Sequence[str]) -> Wanted:
    """Read ``[about] [NAME|ID|PERSON] [for the last] [DURATION]``.

    What is meant as a period is taken for one even if it can't be read, so that it's refused.
    """
    folded = [bare(word).casefold() for word in words]
    if _LAST in folded[:-1]:
        at = len(folded) - 2 - folded[-2::-1].index(_LAST)  # a secret can be called "last"
        return _about(words[:at], words[at + 1 :])
    at = _period_at(folded)
    return _about(words[:at], words[at:])


def _period_at(words: Sequence[str]) -> int:
    """Return where a period at the end begins, or the number of the words if there is none."""
    ends = range(max(0, len(words) - _MOST_PERIOD_WORDS), len(words))
    for is_period in (parse_duration, _MEANT.fullmatch):
        for at in ends:
            if is_period("".join(words[at:])):
                return at
    return len(words)


def _about(subject: Sequence[str], period: Sequence[str]) -> Wanted:
    """Leave out what people put around a subject; several words are a person's name."""
    folded = [bare(word).casefold() for word in subject]
    first = next((at for at, word in enumerate(folded) if word not in _FILLERS), len(folded) - 1)
    end = max((at for at, word in enumerate(folded) if word not in _FILLERS), default=first) + 1
    kept = list(subject[max(first, 0) : end])
    if len(kept) == 1 and not kept[0].startswith("@"):
        kept = [bare(kept[0])]
    return Wanted(" ".join(kept), bare("".join(map(bare, period))))


def read_verify_day(line: Line) -> VerifyDay | None:
    """Read ``verify day DAY``."""
    day = line.words[2:]
    if line.words[:2] != ("verify", "day") or not 1 <= len(day) <= MOST_WORDS:
        return None
    return VerifyDay(" ".join(day))
