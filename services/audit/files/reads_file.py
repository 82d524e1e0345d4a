"""Reads of secrets as a file: one JSON object a line, the first about all the others."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from domain.access.reads import LogSpan, ReadOfGrant, ReadsSeen, places_of
from domain.access.request import Request
from domain.audit.outside_reads import OutsideRead, OutsideReads
from services.audit.files.export import Export


def grant_reads_file(request: Request, seen: ReadsSeen, now: datetime) -> Export:
    """Write the reads of one grant, newest first."""
    about = {
        "about": "reads under a grant",
        "workflow": request.id,
        "person": request.holder.name,
        "person_id": request.holder.object_id,
        "secrets": [target.secret for target in request.targets],
        **_limits(seen, seen.span, len(seen.reads), now),
    }
    wanted = {place.key for place in places_of(request)}
    lines = (_of_grant(each, wanted) for each in seen.reads)
    return _file(f"latchkey-reads-{request.id}-{now:%Y%m%d-%H%M%S}", about, lines)


def outside_reads_file(secret: str | None, reads: OutsideReads, now: datetime) -> Export:
    """Write the reads that no grant was there for, newest first."""
    about = {
        "about": "reads without a grant",
        "secret": secret,
        **_limits(reads, reads.span, len(reads.reads), now),
    }
    lines = (_outside(each) for each in reads.reads)
    return _file(f"latchkey-reads-{now:%Y%m%d-%H%M%S}", about, lines)


def _limits(
    found: ReadsSeen | OutsideReads, span: LogSpan, count: int, now: datetime
) -> dict[str, Any]:
    """Say what the file can't show."""
    return {
        "source": "the vaults' log in Log Analytics",
        "asked_at": now.isoformat(timespec="seconds"),
        "from": span.start.isoformat(),
        "until": span.end.isoformat(),
        "reads": count,
        "is_whole": found.is_whole,
        "is_answer_incomplete": found.is_partial,
        "vaults_without_any_line": list(found.silent),
        "may_be_missing_after": found.known_until.isoformat() if found.known_until else None,
    }


def _of_grant(each: ReadOfGrant, wanted: Collection[tuple[str, str]]) -> dict[str, Any]:
    read = each.read
    return {
        "at": read.at.isoformat(),
        "operation": read.operation,
        "vault": read.place.vault_id,
        "secret": read.place.secret,
        "is_requested": read.place.key in wanted,
        "version": read.version or None,
        "caller_id": read.caller or None,
        "is_by_the_person": each.is_by_holder,
        "assignment": read.assignment or None,
        "is_by_this_grant": each.is_by_grant,
        "is_after_the_end": each.is_late,
    }


def _outside(read: OutsideRead) -> dict[str, Any]:
    person = read.person
    return {
        "at": read.at.isoformat(),
        "operation": read.operation,
        "vault": read.vault,
        "secret": read.secret,
        "version": read.version or None,
        "caller": person.name if person else None,
        "caller_id": person.object_id if person else None,
        "application": read.application or None,
        "is_latchkey": read.is_latchkey,
        "assignment": read.assignment or None,
    }


def _file(name: str, about: Mapping[str, Any], lines: Iterable[Mapping[str, Any]]) -> Export:
    written = [json.dumps(each) for each in (about, *lines)]
    body = "".join(f"{line}\n" for line in written).encode()
    return Export(f"{name}.jsonl", body, len(written) - 1, is_whole=bool(about["is_whole"]))
