"""Which reads of secrets the log of the vaults shows, and what it can't show yet.

The log says who read what, not what for. That a read isn't in it proves nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from domain.access.opened import opened_since, part_opened
from domain.access.proof import ProofOfUse
from domain.access.request import AccessEvent, AzureAnswer, Request
from domain.workflow import Change, Event, Fact

LOG_DELAY = timedelta(minutes=15)
"""How long to expect a read to take into the log.

Source: Microsoft Learn, "Log data ingestion time in Azure Monitor" (resource logs: 3 to 10 minutes)
and "Azure Key Vault logging" (10 minutes at most); the rest is for a bad day.
"""

OUTLIVES = timedelta(minutes=10)
"""How long a role assignment can open a secret after its deletion.

Source: Microsoft Learn, "Troubleshoot Azure RBAC": changes can take up to 10 minutes.
"""

SEEN_AFTER = OUTLIVES + LOG_DELAY
"""How long after the end the log should have all reads of a grant."""

ASK_AGAIN = timedelta(minutes=15)
"""How long to wait after a try in which the log couldn't be asked."""

GIVE_UP_ASKING = timedelta(days=1)
"""How long after the end the log is asked again, if it couldn't be."""

_BEFORE = timedelta(minutes=1)
"""How long before its read-back an assignment may have been in force."""

_HEARD_SINCE = timedelta(minutes=5)
"""How long before the request the log is looked at. Latchkey reads the vault's metadata then, so a
vault that sends its log has a line."""


@dataclass(frozen=True, slots=True)
class SecretOfVault:
    """One secret: its name, and its vault's ARM resource ID. Key Vault ignores case in both."""

    vault_id: str
    secret: str

    @property
    def key(self) -> tuple[str, str]:
        return self.vault_id.lower(), self.secret.lower()


@dataclass(frozen=True, slots=True)
class LogSpan:
    """A stretch of time, both ends included."""

    start: datetime
    end: datetime

    def includes(self, at: datetime) -> bool:
        return self.start <= at <= self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One read of a secret's value, as the log has it; ``caller`` is an object ID."""

    at: datetime
    place: SecretOfVault
    version: str
    caller: str
    assignment: str = ""
    """The role assignment that allowed it; empty if it isn't logged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """What the log has of some secrets: their reads, newest first."""

    reads: tuple[Read, ...] = ()
    heard: Mapping[str, datetime] = field(default_factory=dict)
    """When each vault's newest line is from, by its ID in lower case; without an entry, the log has
    nothing of that vault."""
    is_whole: bool = True
    """Whether these are all; the newest ones otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How often someone read a secret; ``caller`` is an object ID."""

    place: SecretOfVault
    caller: str
    is_person: bool
    """Whether somebody was signed in; an application reads with its own identity otherwise."""
    application: str = ""
    """The client ID of an application that read for itself."""
    assignment: str = ""
    """The role assignment that allowed it; empty if it isn't logged."""
    count: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadersFound:
    """Who read some secrets, the most frequent first; ``heard`` as in ``Logged``."""

    readers: tuple[Reader, ...] = ()
    heard: Mapping[str, datetime] = field(default_factory=dict)
    is_whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionReads:
    """The reads of one version of a secret."""

    secret: str
    version: str
    count: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadsSeen:
    """What the log shows of a grant at one moment."""

    span: LogSpan
    versions: tuple[VersionReads, ...] = ()
    """In the order of the request's secrets, those read first first."""
    late: int = 0
    """How many of the reads were after the end: an assignment can outlive its deletion a little."""
    by_other_role: int = 0
    """How many were allowed by an assignment that isn't the grant's, as far as that is logged."""
    silent: tuple[str, ...] = ()
    """The names of the vaults that the log has nothing of."""
    known_until: datetime | None = None
    """From when on reads may be missing since the log lags behind; None if none should be."""
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class ReadsUnknown:
    """The log couldn't be asked; ``answer`` is Azure's, if there was one."""

    answer: AzureAnswer


def guid_in(assignment: str) -> str:
    """Return an assignment's own part of its ID, whatever form it is written in."""
    return assignment.removesuffix("/").rpartition("/")[2].replace("-", "").lower()


def places_of(request: Request) -> tuple[SecretOfVault, ...]:
    """Return what a request gave access to."""
    targets = part_opened(request).targets
    return tuple(SecretOfVault(target.vault_id, target.secret) for target in targets)


def span_of(request: Request, now: datetime) -> LogSpan | None:
    """Return when its holder could read under a grant; None if none of it ever existed."""
    since, gone = opened_since(request), request.gone_at
    if since is None:
        return None
    end = min(now, gone + OUTLIVES) if gone else now
    return LogSpan(since - _BEFORE, end)


def looked_at(request: Request, span: LogSpan) -> LogSpan:
    """Return what to ask the log about, to know as well whether the vaults send one."""
    return LogSpan(min(request.requested_at, span.start) - _HEARD_SINCE, span.end)


def seen_in(request: Request, span: LogSpan, logged: Logged, now: datetime) -> ReadsSeen:
    """Sum up what the log has of a grant's span."""
    wanted = {place.key: at for at, place in enumerate(places_of(request))}
    holder = request.holder.object_id.lower()
    reads = [
        read
        for read in reversed(logged.reads)
        if read.place.key in wanted and read.caller.lower() == holder and span.includes(read.at)
    ]
    own = {guid_in(assignment.id) for assignment in request.assignments}
    gone = request.gone_at
    known = max(now - LOG_DELAY, span.start + _BEFORE)
    return ReadsSeen(
        span=span,
        versions=_by_version(sorted(reads, key=lambda read: wanted[read.place.key])),
        late=sum(gone is not None and read.at > gone for read in reads),
        by_other_role=sum(
            bool(read.assignment) and guid_in(read.assignment) not in own for read in reads
        ),
        silent=tuple(
            dict.fromkeys(
                target.vault
                for target in request.targets
                if logged.is_whole and target.vault_id.lower() not in logged.heard
            )
        ),
        known_until=None if span.end <= now - LOG_DELAY else known,
        is_whole=logged.is_whole,
    )


def _by_version(reads: Sequence[Read]) -> tuple[VersionReads, ...]:
    found: dict[tuple[tuple[str, str], str], list[Read]] = {}
    for read in reads:
        found.setdefault((read.place.key, read.version), []).append(read)
    return tuple(
        VersionReads(
            secret=each[0].place.secret,
            version=each[0].version,
            count=len(each),
            first=each[0].at,
            last=each[-1].at,
        )
        for each in found.values()
    )


def expect_reads(request: Request) -> Request:
    """Have the log asked about a grant that has ended, once it should have caught up."""
    if request.gone_at is None or opened_since(request) is None:
        return request
    return replace(request, see_reads_at=request.gone_at + SEEN_AFTER)


def record_reads(
    request: Request, seen: ReadsSeen | ReadsUnknown | None, now: datetime
) -> Change[Request]:
    """Record what the log shows of a grant that has ended, or have it asked again later.

    None, if nobody can be asked any more, ends it without a word.
    """
    if seen is None:
        return Change(replace(request, see_reads_at=None))
    if isinstance(seen, ReadsUnknown):
        if request.gone_at and now < request.gone_at + GIVE_UP_ASKING:
            return put_off_reads(request, now)
        proof = ProofOfUse(is_known=False)
    else:
        proof = ProofOfUse(
            is_known=True,
            count=sum(each.count for each in seen.versions),
            first=min((each.first for each in seen.versions), default=None)
            if seen.is_whole
            else None,
            last=max((each.last for each in seen.versions), default=None),
            silent=seen.silent,
        )
    facts: dict[str, Fact] = {"known": proof.is_known, "reads": proof.count}
    facts |= {
        name: at.isoformat() for name, at in (("first", proof.first), ("last", proof.last)) if at
    }
    if proof.silent:
        facts["silent"] = ", ".join(proof.silent)
    head = replace(request, see_reads_at=None, proof=proof)
    return Change(head, (Event(AccessEvent.READS_SEEN, now, None, facts),))


def put_off_reads(request: Request, now: datetime) -> Change[Request]:
    """Have the log asked again later."""
    return Change(replace(request, see_reads_at=now + ASK_AGAIN))
