"""Which requestable secrets were read without a grant, according to the vaults' log."""

import asyncio
import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from domain.access.reads import LOG_DELAY, Logged, LogSpan, Reader, ReadsUnknown, SecretOfVault
from domain.access.request import Request
from domain.access.rules.policy import Policy
from domain.audit.history import Filter
from domain.audit.outside_reads import (
    Key,
    OutsideReads,
    is_by_own_assignment,
    key_of,
    spans_of_grants,
    without_grants,
)
from domain.audit.report import Report
from domain.people import Person
from domain.secrets import is_secret_name
from services.access.reads.every_read import every_read
from services.access.reads.grant_reads import answer_in
from services.access.reads.read_log import ReadLog
from services.audit.found_reads import (
    FoundReads,
    WhoRead,
    named_read,
    named_reader,
    secrets_and_callers,
)
from services.audit.history import History
from services.clock import Clock
from services.faults import Fault, described
from services.people.directory import BRIEFLY, Directory
from services.policies import Policies
from services.ports import Secrets
from services.progress import ProgressCount
from services.workflow.codec import Head

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=20)
"""How long a report waits for the log; it says so if that wasn't enough."""

MOST_READERS = 500
MOST_READS = 5_000
MOST_LISTED = 200
"""How many lines of the log are looked at; a report says if there are more."""

_MOST_GRANTS = 500
"""How many of a person's requests for a secret are looked at, the newest."""

_NAMED = 20
"""How many people are looked up in the directory."""

_AT_ONCE = 16

_EARLIER = timedelta(days=31)
"""How long before the period a request can have been made whose access was there in it."""


class ReadsOutsideGrants:
    """Compares the vaults' log with the grants; without a log, there is nothing to say."""

    def __init__(
        self,
        log_of_vaults: ReadLog | None,
        policies: Policies,
        secrets: Secrets,
        history: History,
        directory: Directory,
        clock: Clock,
        own_client_ids: Collection[str],
    ) -> None:
        """Take what there is to ask, and the client IDs of Latchkey's own identity."""
        self._log = log_of_vaults
        self._policies = policies
        self._secrets = secrets
        self._history = history
        self._directory = directory
        self._clock = clock
        self._own = frozenset(own_client_ids)

    async def of(self, report: Report) -> OutsideReads | ReadsUnknown | None:
        """Return what the log shows of what a report is about.

        The newest reads by people are listed one by one. None without a log.
        """
        if self._log is None:
            return None
        span = LogSpan(report.counted_since, report.asked.until)
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                found = await self._found(self._log, span, report.secret)
                return await self._named(found)
        except (Fault, TimeoutError) as error:
            log.warning("the vaults' log can't be asked for a report: %s", described(error))
            return ReadsUnknown(answer_in(error))

    async def all_of(
        self, span: LogSpan, secret: str | None, count: ProgressCount
    ) -> OutsideReads | ReadsUnknown | None:
        """Return the same with every read, by applications too, however long it takes."""
        if self._log is None:
            return None
        try:
            found = await self._found(self._log, span, secret)
            places, callers = secrets_and_callers(found.left)
            if places:
                logged = await every_read(self._log, places, callers, span, count)
                # In a thread, since going through so many would block other turns for too long.
                whole = await asyncio.to_thread(found.with_reads, logged.reads)
                found = whole.noting(logged)
        except Fault as error:
            log.warning("the vaults' log can't be asked for an export: %s", described(error))
            return ReadsUnknown(answer_in(error))
        return await self._named(found)

    async def _found(self, asked: ReadLog, span: LogSpan, secret: str | None) -> FoundReads:
        policies = await self._requestable(secret)
        found = await asked.readers([*map(_place, policies)], span, MOST_READERS)
        roles = frozenset(one.role for one in policies)
        readers = [one for one in found.readers if not is_by_own_assignment(one, roles)]
        granted = spans_of_grants(await self._grants(readers, span), self._clock())
        holders = [one for one in readers if key_of(one) in granted]
        strangers = [one for one in readers if key_of(one) not in granted and one.is_person]
        of_holders, of_strangers = await asyncio.gather(
            _newest(asked, holders, span, MOST_READS), _newest(asked, strangers, span, MOST_LISTED)
        )
        others = [one for one in of_holders.reads if not is_by_own_assignment(one, roles)]
        left = FoundReads(
            span=span,
            vaults={one.vault.resource_id.lower(): one.vault for one in policies},
            roles=roles,
            granted=granted,
            left=tuple(without_grants(readers, others, granted)),
            heard=found.heard,
            is_whole=found.is_whole,
            is_partial=found.is_partial or of_strangers.is_partial,
        )
        # Each answer also has what the others read of the same secrets, which counts once. Of
        # strangers the log itself has counted all, so a part of their reads leaves nothing out.
        listed = [read for read in of_holders.reads if key_of(read) in granted]
        listed += [read for read in of_strangers.reads if key_of(read) not in granted]
        return left.with_reads(listed).noting(of_holders)

    async def _named(self, found: FoundReads) -> OutsideReads:
        """Name who read, people apart from applications."""
        people = [one for one in found.left if one.is_person]
        others = [one for one in found.left if not one.is_person]
        names = await self._names(one.caller for one in people[:_NAMED])
        who = {
            key_of(one): WhoRead(None, one.application, one.application in self._own)
            for one in others
        }
        who |= {
            key_of(one): WhoRead(names.get(one.caller) or Person(one.caller, one.caller))
            for one in people
        }
        return OutsideReads(
            span=found.span,
            people=tuple(named_reader(one, found, who[key_of(one)]) for one in people),
            applications=tuple(
                named_reader(one, found, replace(who[key_of(one)], application=one.application))
                for one in others
            ),
            reads=tuple(named_read(one, found, who[key_of(one)]) for one in found.reads),
            silent=tuple(
                vault.name
                for key, vault in found.vaults.items()
                if found.is_whole and key not in found.heard
            ),
            known_until=self._clock() - LOG_DELAY,
            is_whole=found.is_whole,
            is_partial=found.is_partial,
        )

    async def _requestable(self, secret: str | None) -> list[Policy]:
        """Return the policy of each secret that can be requested; patterns need the vaults."""
        if secret is not None:
            return [one for one in [self._policies.of(secret)] if one]
        policies = [*self._policies.all()]
        vaults = {one.vault.url: one.vault for one in policies if not is_secret_name(one.secret)}
        listed = await asyncio.gather(*map(self._secrets.names, vaults.values()))
        names = [one.secret for one in policies] + [name for names in listed for name in names]
        found = [self._policies.of(name) for name in names if is_secret_name(name)]
        return list({one.secret.lower(): one for one in found if one}.values())

    async def _grants(self, readers: Iterable[Reader], span: LogSpan) -> list[Request]:
        """Return the requests of these people for what they read; applications have none."""
        limit, since = asyncio.Semaphore(_AT_ONCE), span.start - _EARLIER

        async def of(key: Key) -> Sequence[Head]:
            (_, secret), person = key
            async with limit:
                wanted = Filter(person=person, secret=secret, since=since)
                return (await self._history.up_to(wanted, _MOST_GRANTS)).heads

        keys = sorted({key_of(one) for one in readers if one.is_person})
        found = await asyncio.gather(*map(of, keys))
        return [head for heads in found for head in heads if isinstance(head, Request)]

    async def _names(self, callers: Iterable[str]) -> dict[str, Person | None]:
        """Look people up, if the directory answers soon."""

        async def of(caller: str) -> Person | None:
            try:
                async with asyncio.timeout(BRIEFLY.total_seconds()):
                    return await self._directory.find(caller)
            except (Fault, TimeoutError):
                return None

        known = list(dict.fromkeys(callers))
        return dict(zip(known, await asyncio.gather(*map(of, known)), strict=True))


def _place(policy: Policy) -> SecretOfVault:
    return SecretOfVault(policy.vault.resource_id, policy.secret)


async def _newest(asked: ReadLog, readers: Sequence[Reader], span: LogSpan, most: int) -> Logged:
    """Return the newest reads of some readers; those of each other's secrets are among them."""
    places, callers = secrets_and_callers(readers)
    return await asked.reads(places, callers, span, most) if places else Logged()
