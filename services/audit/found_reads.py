"""What the vaults' log has of a period, before anybody is named."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.access.reads import Logged, LogSpan, Read, Reader, SecretOfVault
from domain.audit.outside_reads import (
    Key,
    OutsideRead,
    OutsideReader,
    is_by_own_assignment,
    is_under_grant,
    key_of,
)
from domain.people import Person
from domain.secrets import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundReads:
    """Who read without a grant, and what, as far as it was asked for."""

    span: LogSpan
    vaults: Mapping[str, Vault]
    roles: frozenset[str]
    """Those that Latchkey assigns."""
    granted: Mapping[Key, Sequence[LogSpan]]
    left: tuple[Reader, ...]
    """Who read without a grant."""
    reads: tuple[Read, ...] = ()
    """What they read, newest first."""
    heard: Mapping[str, datetime]
    is_whole: bool
    is_partial: bool

    def noting(self, logged: Logged) -> "FoundReads":
        """Note that an answer wasn't everything."""
        return replace(
            self,
            is_whole=self.is_whole and logged.is_whole,
            is_partial=self.is_partial or logged.is_partial,
        )

    def with_reads(self, reads: Iterable[Read]) -> "FoundReads":
        """Keep those of these reads that were without a grant."""
        left = {key_of(one) for one in self.left}
        outside = [
            read
            for read in reads
            if key_of(read) in left
            and not is_under_grant(read, self.granted)
            and not is_by_own_assignment(read, self.roles)
        ]
        outside.sort(key=lambda read: read.at, reverse=True)
        return replace(self, reads=tuple(outside))


@dataclass(frozen=True, slots=True)
class WhoRead:
    """A person, or an application that read for itself, by its client ID."""

    person: Person | None
    application: str = ""
    is_latchkey: bool = False


def secrets_and_callers(readers: Iterable[Reader]) -> tuple[list[SecretOfVault], list[str]]:
    """Return what readers read and who they are, each once."""
    readers = list(readers)
    places = {one.place.key: one.place for one in readers}
    return list(places.values()), list({one.caller: None for one in readers})


def named_reader(reader: Reader, found: FoundReads, who: WhoRead) -> OutsideReader:
    return OutsideReader(
        secret=reader.place.secret,
        vault=found.vaults[reader.place.vault_id.lower()].name,
        person=who.person,
        application=who.application,
        is_latchkey=who.is_latchkey,
        count=reader.count,
        first=reader.first,
        last=reader.last,
    )


def named_read(read: Read, found: FoundReads, who: WhoRead) -> OutsideRead:
    return OutsideRead(
        at=read.at,
        secret=read.place.secret,
        vault=found.vaults[read.place.vault_id.lower()].name,
        version=read.version,
        operation=read.operation,
        assignment=read.assignment,
        person=who.person,
        application=who.application,
        is_latchkey=who.is_latchkey,
    )
