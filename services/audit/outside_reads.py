"""Which requestable secrets were read without a grant, according to the vaults' log."""

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta

from domain.access.policy import Policy
from domain.access.reads import LOG_DELAY, LogSpan, Read, Reader, ReadsUnknown, SecretOfVault
from domain.access.request import Request
from domain.audit.history import Filter
from domain.audit.outside_reads import (
    Key,
    OutsideReader,
    OutsideReads,
    is_by_own_assignment,
    key_of,
    spans_of_grants,
    without_grants,
)
from domain.audit.report import Report
from domain.people import Person
from domain.secrets import Vault, is_secret_name
from services.access.grant_reads import answer_in
from services.access.read_log import ReadLog
from services.audit.history import History
from services.clock import Clock
from services.faults import Fault, described
from services.people.directory import BRIEFLY, Directory
from services.policies import Policies
from services.ports import Secrets
from services.workflow.codec import Head

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=20)
"""How long a report waits for the log; it says so if that wasn't enough."""

MOST_READERS = 500
MOST_READS = 5_000
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
        """Return what the log shows of what a report is about; None without a log."""
        if self._log is None:
            return None
        span, secret = LogSpan(report.counted_since, report.asked.until), report.secret
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                return await self._found(self._log, span, secret)
        except (Fault, TimeoutError) as error:
            log.warning("the vaults' log can't be asked for a report: %s", described(error))
            return ReadsUnknown(answer_in(error))

    async def _found(self, asked: ReadLog, span: LogSpan, secret: str | None) -> OutsideReads:
        policies = await self._requestable(secret)
        vaults = {one.vault.resource_id.lower(): one.vault for one in policies}
        found = await asked.readers([*map(_place, policies)], span, MOST_READERS)
        roles = {one.role for one in policies}
        readers = [one for one in found.readers if not is_by_own_assignment(one, roles)]
        granted = spans_of_grants(await self._grants(readers, span), self._clock())
        reads, is_whole = await self._reads_of_holders(asked, span, readers, granted)
        others = [one for one in reads if not is_by_own_assignment(one, roles)]
        left = without_grants(readers, others, granted)
        people = [one for one in left if one.is_person]
        names = await self._names(one.caller for one in people[:_NAMED])
        return OutsideReads(
            span=span,
            people=tuple(
                _drawn(one, vaults, names.get(one.caller) or Person(one.caller, one.caller))
                for one in people
            ),
            applications=tuple(
                _drawn(one, vaults, is_latchkey=one.application in self._own)
                for one in left
                if not one.is_person
            ),
            silent=tuple(
                vault.name
                for key, vault in vaults.items()
                if found.is_whole and key not in found.heard
            ),
            known_until=self._clock() - LOG_DELAY,
            is_whole=is_whole and found.is_whole,
        )

    async def _reads_of_holders(
        self,
        asked: ReadLog,
        span: LogSpan,
        readers: Sequence[Reader],
        granted: Mapping[Key, object],
    ) -> tuple[Sequence[Read], bool]:
        """Return the single reads of those who had grants too, and whether these are all."""
        holders = [one for one in readers if key_of(one) in granted]
        if not holders:
            return (), True
        places = list({one.place.key: one.place for one in holders}.values())
        logged = await asked.reads(places, [one.caller for one in holders], span, MOST_READS)
        return logged.reads, logged.is_whole

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


def _drawn(
    reader: Reader,
    vaults: Mapping[str, Vault],
    person: Person | None = None,
    *,
    is_latchkey: bool = False,
) -> OutsideReader:
    return OutsideReader(
        secret=reader.place.secret,
        vault=vaults[reader.place.vault_id.lower()].name,
        person=person,
        application=reader.application,
        is_latchkey=is_latchkey,
        count=reader.count,
        first=reader.first,
        last=reader.last,
    )
