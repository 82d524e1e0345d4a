"""What is put on record about a grant's reads once the log should have all of them, and when."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from domain.access.proof import ProofOfUse, ProvenReads
from domain.access.reads import LOG_DELAY, OUTLIVES, ReadsSeen, ReadsUnknown, VersionReads
from domain.access.request import AccessEvent, Request
from domain.access.transitions.opened import opened_since
from domain.names import joined
from domain.workflow import Change, Event, Fact

SEEN_AFTER = OUTLIVES + LOG_DELAY
"""How long after the end the log should have all reads of a grant."""

ASK_AGAIN = timedelta(minutes=15)
"""How long to wait after a try in which the log didn't answer, or not in full."""

GIVE_UP_ASKING = timedelta(days=1)
"""How long after the end the log is asked again, if it doesn't answer in full."""


def expect_reads(request: Request) -> Request:
    """Have the log asked about a grant that has ended, once it should have caught up."""
    if request.gone_at is None or opened_since(request) is None:
        return request
    return replace(request, see_reads_at=request.gone_at + SEEN_AFTER)


def record_reads(
    request: Request, seen: ReadsSeen | ReadsUnknown | None, now: datetime
) -> Change[Request]:
    """Record what the log shows of a grant that has ended, or have it asked again later.

    It is asked again as well after an incomplete answer.

    None, if nobody can be asked any more, ends it without a word.
    """
    if seen is None:
        return Change(replace(request, see_reads_at=None))
    can_wait = request.gone_at is not None and now < request.gone_at + GIVE_UP_ASKING
    if can_wait and (isinstance(seen, ReadsUnknown) or seen.is_partial):
        return put_off_reads(request, now)
    proof = ProofOfUse(is_known=False) if isinstance(seen, ReadsUnknown) else _proof(seen, now)
    head = replace(request, see_reads_at=None, proof=proof)
    return Change(head, (Event(AccessEvent.READS_SEEN, now, None, _facts(proof)),))


def _proof(seen: ReadsSeen, now: datetime) -> ProofOfUse:
    by_secret: dict[str, list[VersionReads]] = {}
    for each in seen.versions:
        by_secret.setdefault(each.secret, []).append(each)
    return ProofOfUse(
        is_known=True,
        count=seen.count,
        first=_first(seen, seen.versions),
        last=max((each.last for each in seen.versions), default=None),
        silent=seen.silent,
        secrets=tuple(
            ProvenReads(
                secret=secret,
                count=sum(one.count for one in each),
                first=_first(seen, each),
                last=max(one.last for one in each),
                operations=tuple(sorted({name for one in each for name in one.operations})),
            )
            for secret, each in by_secret.items()
        ),
        by_other_role=seen.by_other_role,
        by_others=seen.by_others,
        of_other_secrets=seen.of_other_secrets,
        is_partial=seen.is_partial,
        asked_at=now,
    )


def _first(seen: ReadsSeen, versions: Iterable[VersionReads]) -> datetime | None:
    """Return when the first read was; None if there may be earlier ones."""
    return min((each.first for each in versions), default=None) if seen.is_whole else None


def _facts(proof: ProofOfUse) -> dict[str, Fact]:
    facts: dict[str, Fact] = {"known": proof.is_known, "reads": proof.count}
    facts |= {
        name: at.isoformat() for name, at in (("first", proof.first), ("last", proof.last)) if at
    }
    if proof.secrets:
        facts["operations"] = joined(proof.operations)
    if len(proof.secrets) > 1:
        facts["by_secret"] = joined([f"{one.secret} {one.count}" for one in proof.secrets])
    counted = (
        ("by_other_role", proof.by_other_role),
        ("by_others", proof.by_others),
        ("of_other_secrets", proof.of_other_secrets),
        ("partial", proof.is_partial),
    )
    facts |= {name: value for name, value in counted if value}
    if proof.silent:
        facts["silent"] = ", ".join(proof.silent)
    return facts


def put_off_reads(request: Request, now: datetime) -> Change[Request]:
    """Have the log asked again later."""
    return Change(replace(request, see_reads_at=now + ASK_AGAIN))
