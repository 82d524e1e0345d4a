"""Which reads of secrets the log of the vaults shows, and what it can't show yet.

The log says who read what, not what for. That a read isn't in it proves nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.access.grant import AzureAnswer
from domain.access.request import Request
from domain.access.transitions.opened import opened_since, part_opened

LOG_DELAY = timedelta(minutes=15)
"""How long to expect a read to take into the log.

Source: Microsoft Learn, "Log data ingestion time in Azure Monitor" (resource logs: 3 to 10 minutes)
and "Azure Key Vault logging" (10 minutes at most); the rest is for a bad day.
"""

OUTLIVES = timedelta(minutes=10)
"""How long a role assignment can open a secret after its deletion.

Source: Microsoft Learn, "Troubleshoot Azure RBAC": changes can take up to 10 minutes.
"""

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


GET = "SecretGet"
BACK_UP = "SecretBackup"
OPERATIONS = (GET, BACK_UP)
"""Key Vault's names for what hands out a value: a backup is encrypted, but can be restored.

Source: Microsoft Learn, "Azure Key Vault logging".
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One read of a secret's value, as the log has it; ``caller`` is an object ID."""

    at: datetime
    place: SecretOfVault
    version: str
    caller: str
    """Empty if it isn't logged."""
    operation: str = GET
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
    is_partial: bool = False
    """Whether Log Analytics itself couldn't answer in full: any may be missing then."""


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
    is_partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionReads:
    """The reads of one version of a secret."""

    secret: str
    version: str
    count: int
    first: datetime
    last: datetime
    operations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOfGrant:
    """One read of a grant's secret, and what it has to do with the grant."""

    read: Read
    is_by_holder: bool = True
    """Whether the person whom the grant is for was the caller."""
    is_by_grant: bool | None = None
    """Whether the grant's own assignment allowed it; None if that isn't logged."""
    is_late: bool = False
    """Whether it was after the end: an assignment can outlive its deletion a little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadsSeen:
    """What the log shows of a grant at one moment."""

    span: LogSpan
    reads: tuple[ReadOfGrant, ...] = ()
    """Newest first."""
    versions: tuple[VersionReads, ...] = ()
    """In the order of the request's secrets, those read first first."""
    late: int = 0
    """How many of the reads were after the end."""
    by_other_role: int = 0
    """How many were allowed by an assignment that isn't the grant's, as far as that is logged."""
    by_others: int = 0
    """How many have another caller than the holder, or none in the log."""
    of_other_secrets: int = 0
    """How many were of secrets that weren't requested, which a grant of the whole vault opens."""
    silent: tuple[str, ...] = ()
    """The names of the vaults that the log has nothing of."""
    known_until: datetime | None = None
    """From when on reads may be missing since the log lags behind; None if none should be."""
    is_whole: bool = True
    is_partial: bool = False
    """As in ``Logged``."""

    @property
    def count(self) -> int:
        """How many reads there are of all versions."""
        return sum(each.count for each in self.versions)


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
    order = {place.key: at for at, place in enumerate(places_of(request))}
    own = assignments_of(request)
    reads = [
        _of_grant(request, read, own)
        for read in logged.reads
        if span.includes(read.at) and _is_under(request, read, order, own)
    ]
    oldest_first = [each.read for each in reversed(reads)]
    known = max(now - LOG_DELAY, span.start + _BEFORE)
    return ReadsSeen(
        span=span,
        reads=tuple(reads),
        versions=_by_version(
            sorted(oldest_first, key=lambda read: order.get(read.place.key, len(order)))
        ),
        late=sum(each.is_late for each in reads),
        by_other_role=sum(each.is_by_grant is False for each in reads),
        by_others=sum(not each.is_by_holder for each in reads),
        of_other_secrets=sum(each.read.place.key not in order for each in reads),
        silent=tuple(
            dict.fromkeys(
                target.vault
                for target in request.targets
                if logged.is_whole and target.vault_id.lower() not in logged.heard
            )
        ),
        known_until=None if span.end <= now - LOG_DELAY else known,
        is_whole=logged.is_whole,
        is_partial=logged.is_partial,
    )


def assignments_of(request: Request) -> frozenset[str]:
    """Return the IDs of a grant's assignments, as ``guid_in`` writes them."""
    return frozenset(guid_in(assignment.id) for assignment in request.assignments)


def _is_under(
    request: Request, read: Read, wanted: Collection[tuple[str, str]], own: frozenset[str]
) -> bool:
    """Return whether a read is the holder's of what they got, or one that the grant allowed.

    The grant may have opened the whole vault, and the log may name another caller, or none.
    """
    is_holders = read.caller.lower() == request.holder.object_id.lower()
    return (is_holders and read.place.key in wanted) or guid_in(read.assignment) in own


def _of_grant(request: Request, read: Read, own: frozenset[str]) -> ReadOfGrant:
    gone = request.gone_at
    return ReadOfGrant(
        read=read,
        is_by_holder=read.caller.lower() == request.holder.object_id.lower(),
        is_by_grant=guid_in(read.assignment) in own if read.assignment else None,
        is_late=gone is not None and read.at > gone,
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
            operations=tuple(sorted({read.operation for read in each})),
        )
        for each in found.values()
    )
