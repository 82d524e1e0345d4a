"""The figures of a report as a file: the same summary that its card shows, without the cuts."""

from collections.abc import Iterator
from typing import Any

from domain.access.reads import ReadsUnknown
from domain.audit.lateness import BANDS
from domain.audit.outside_reads import OutsideReader, OutsideReads
from domain.audit.report import Aged, Decider, Interval, Report
from domain.audit.spread import Spread
from domain.durations import format_duration
from services.audit.files.csv_file import csv_of
from services.audit.files.export import Export

_COLUMNS = (
    "about",
    "name",
    "person_id",
    "vault",
    "secret",
    "from",
    "until",
    "count",
    "requests",
    "grants",
    "approved",
    "denied",
    "median_seconds",
    "p95_seconds",
    "p99_seconds",
    "longest_seconds",
    "age_seconds",
    "secret_reported",
    "period_from",
    "period_to",
    "counted_from",
    "not_readable",
)

_LOG = "log of the vaults"


def figures_file(report: Report, reads: OutsideReads | ReadsUnknown | None = None) -> Export:
    """Write a report as CSV; the column ``about`` says what a row is about."""
    common = {
        "secret_reported": report.secret or "",
        "period_from": report.asked.since.isoformat(timespec="seconds"),
        "period_to": report.asked.until.isoformat(timespec="seconds"),
        "counted_from": report.counted_since.isoformat(timespec="seconds"),
        "not_readable": report.unreadable,
    }
    body = csv_of(_COLUMNS, (row | common for row in (*_rows(report), *_reads(reads))))
    name = f"latchkey-figures-{report.asked.until:%Y%m%d-%H%M%S}.csv"
    counted = sum(count for _, count in (*report.requests, *report.rotations))
    return Export(name, body, counted, is_whole=not report.unreadable)


def _rows(report: Report) -> Iterator[dict[str, Any]]:
    for about, counts in (("requests", report.requests), ("rotations", report.rotations)):
        yield from ({"about": about, "name": state, "count": count} for state, count in counts)
    yield {"about": "approved", "name": "by people", "count": report.approved_by_people}
    yield {"about": "approved", "name": "by rule", "count": report.approved_by_rule}
    yield {"about": "now", "name": "active", "count": report.active}
    yield {"about": "now", "name": "stuck", "count": report.stuck}
    yield {"about": "time to a decision"} | _spread(report.decisions)
    yield {"about": "lateness of revocations"} | _spread(report.lateness)
    for name, count in zip(_bands(), report.late, strict=True):
        yield {"about": "lateness of revocations", "name": name, "count": count}
    yield {"about": "revocations closed by an admin, not confirmed", "count": report.unconfirmed}
    if drilled := report.drilled:
        yield {"about": "drills", "name": "succeeded", "count": drilled.succeeded}
        yield {"about": "drills", "name": "failed", "count": drilled.count - drilled.succeeded}
        yield {"about": "lateness of drills"} | _spread(drilled.lateness)
    yield from (_interval(report, one) for one in report.intervals)
    yield from map(_decider, report.deciders)
    yield from map(_aged, report.oldest)
    for person, count in report.requesters:
        who = {"name": person.name, "person_id": person.object_id}
        yield {"about": "requester", "count": count} | who


def _interval(report: Report, one: Interval) -> dict[str, Any]:
    return {
        "about": str(report.unit),
        "from": one.start.isoformat(timespec="seconds"),
        "requests": one.requests,
        "grants": one.grants,
    } | _spread(one.decisions)


def _decider(one: Decider) -> dict[str, Any]:
    return {
        "about": "decider",
        "name": one.person.name,
        "person_id": one.person.object_id,
        "count": one.decided,
        "approved": one.approved,
        "denied": one.denied,
    }


def _aged(one: Aged) -> dict[str, Any]:
    age = "" if one.age is None else round(one.age.total_seconds())
    return {"about": "secret", "name": one.secret, "vault": one.vault, "age_seconds": age}


def _reads(reads: OutsideReads | ReadsUnknown | None) -> Iterator[dict[str, Any]]:
    if isinstance(reads, ReadsUnknown):
        answer = reads.answer
        yield {"about": _LOG, "name": f"not asked {answer.status or ''} {answer.code}".strip()}
    if not isinstance(reads, OutsideReads):
        return
    yield from map(_read, (*reads.people, *reads.applications))
    late = reads.known_until.isoformat(timespec="seconds")
    yield {"about": _LOG, "name": "may lack reads after this time", "from": late}
    yield from ({"about": _LOG, "name": "no line at all", "vault": one} for one in reads.silent)
    if reads.is_partial:
        yield {"about": _LOG, "name": "answer incomplete"}
    elif not reads.is_whole:
        yield {"about": _LOG, "name": "more than was counted"}


def _read(one: OutsideReader) -> dict[str, Any]:
    who = {"name": "Latchkey" if one.is_latchkey else one.application}
    if one.person:
        who = {"name": one.person.name, "person_id": one.person.object_id}
    return {
        "about": "read without a grant" if one.person else "read by an application",
        "vault": one.vault,
        "secret": one.secret,
        "from": one.first.isoformat(timespec="seconds"),
        "until": one.last.isoformat(timespec="seconds"),
        "count": one.count,
    } | who


def _bands() -> list[str]:
    names = [f"within {format_duration(longest)}" for longest in BANDS]
    return [*names, f"more than {format_duration(BANDS[-1])}"]


def _spread(spread: Spread | None) -> dict[str, Any]:
    if spread is None:
        return {"count": 0}
    return {
        "count": spread.count,
        "median_seconds": round(spread.median.total_seconds(), 1),
        "p95_seconds": round(spread.p95.total_seconds(), 1),
        "p99_seconds": round(spread.p99.total_seconds(), 1),
        "longest_seconds": round(spread.longest.total_seconds(), 1),
    }
