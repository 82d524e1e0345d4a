"""Writes down what a deployment of this version leaves behind when it stops at noon.

There is one such file for each schema: written once, by the version that released it, and never
changed. Revocations under way depend on what is read in it, and test_upgrade.py begins with it.
When ``codec.SCHEMA`` grows, ``python -m tests.services.written.write`` writes the next one:
``now``, when the deployment stopped; ``rows``, the whole table; and ``assignments``, ``versions``
and ``apps``, what Azure had.

The morning behind it: people ask and are answered; from ten o'clock Azure deletes no assignments;
from half past eleven Teams takes no new messages; at noon one process dies in a grant, and another
in a rotation.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from domain.access.assignment import Assignment
from domain.people import Actor
from services.faults import NotPermitted, Unavailable
from services.people.addresses import ConversationAddress, ConversationAddresses
from services.workflow import codec
from tests.services.written.deployment import (
    BY_TWO,
    CONSENTED,
    FAY,
    GUS,
    HAL,
    IDA,
    JO,
    KIM,
    LOU,
    OVERLAPPING,
    SCHEDULED,
    as_member,
    policies,
)
from tests.support.builders import (
    ADA,
    BO,
    CY,
    DANA,
    EVE,
    HOUR,
    OTHER_SECRET,
    ROLE,
    SECOND,
    SECRET,
    VAULT,
    in_directory,
)
from tests.support.clock import NINE
from tests.support.replica import a_draft
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import APPS, RotationWorld
from tests.support.tables.crashing_table import Crash, Killed, When
from tests.support.tables.memory_table import MemoryTable

NOON = NINE + 3 * HOUR
Step = Callable[[RotationReplica], Awaitable[object]]

DOWN = 1_000_000
IN_PROPAGATE = 18
"""At which of its writes and effects the one that rotates dies: one app is changed, another not."""
WHEN_GRANTED = 3
"""And the one that grants: Azure has made the assignment, and no row says so."""


class Morning:
    """From nine to noon."""

    def __init__(self) -> None:
        self.table = MemoryTable()
        self.world = RotationWorld(table=self.table)
        self.world.policies = policies()
        for person in (FAY, GUS, HAL, IDA, JO, KIM, LOU):
            self.world.people.add(in_directory(person))
        for secret in (SECRET, BY_TWO):
            self.world.secrets.put(VAULT, secret)
        for secret in (OVERLAPPING, SCHEDULED, CONSENTED):
            self.world.versions.put(VAULT.url, secret, f"canary-{secret}")
        self.replica = RotationReplica(self.world)

    async def at(self, hours: int, minutes: int, seconds: int = 0) -> RotationReplica:
        """Let it become so late."""
        then = NINE + timedelta(hours=hours - 9, minutes=minutes, seconds=seconds)
        await self.replica.pass_time(then - self.world.clock())
        return self.replica

    async def give(self, request_id: str, who: Actor, hours: float, secret: str = SECRET) -> None:
        await self.replica.give(who, request_id, secret=secret, window=hours * HOUR)

    async def pass_by(self) -> None:
        references = ConversationAddresses(self.table, self.world.clock)
        for person in (DANA, EVE, ADA, BO):
            where = ConversationAddress(
                "https://smba.trafficmanager.net/emea/", f"a:{person.object_id}"
            )
            await references.remember_person(person.object_id, where)
        await self.replica.reconcile.begin()
        await self.replica.schedules.sync()
        await self.give("req-stuck", DANA, 1)
        await self.at(9, 30)
        await self.replica.rotate("rot-overlapping", secret=OVERLAPPING)
        await self.give("req-long", EVE, 4)
        await self.give("req-short", EVE, 3, OTHER_SECRET)

        await self.at(9, 59)
        refused = NotPermitted("Azure", "403 AuthorizationFailed")
        self.world.assignments.faults.order("delete", refused, times=DOWN)
        await self.at(10, 30)
        lost = Assignment(VAULT.resource_id, CY.object_id, ROLE)
        self.world.assignments.plant(lost, lost.id, "Latchkey req-lost: access to demo-api-key")
        await self.at(10, 58)
        await self.give("req-revoking", FAY, 1)
        await self.at(11, 0)
        await self.give("req-active", GUS, 2)
        await self.replica.extensions.ask(GUS, "req-active", HOUR)
        await self.replica.ask(HAL, "req-half", secret=BY_TWO)
        await self.replica.approve(ADA, "req-half")
        await self.replica.ask(IDA, "req-waiting")
        draft = a_draft("req-broken", window=None)
        await self.replica.access.break_glass(JO, draft, [in_directory(CY)])

        await self.at(11, 30)
        down = Unavailable("Teams", "503", retry_after=5 * 60 * SECOND)
        self.world.message_sender.faults.order("post", down, times=DOWN)
        await self.at(11, 50)
        await self.replica.ask(KIM, "req-untold")
        await self.replica.rotate("rot-agreed", secret=CONSENTED)
        await self.replica.ask(LOU, "req-granting")
        await self.at(11, 59, 55)
        await self._die(Crash(IN_PROPAGATE), lambda replica: replica.rotate("rot-running"))
        await self._die(
            Crash(WHEN_GRANTED, When.AFTER), lambda replica: replica.approve(ADA, "req-granting")
        )
        self.world.clock.advance_to(NOON)

    async def _die(self, crash: Crash, step: Step) -> None:
        """Let a process die of what it is asked for, at once or when it works on it."""
        replica = RotationReplica(self.world, crash)
        try:
            await step(replica)
            await replica.worker.idle()
        except Killed:
            return
        raise AssertionError("it did not die")

    def written(self) -> dict[str, Any]:
        """Return all that survives a process, fit for JSON."""
        rows = sorted(self.table.rows(), key=lambda row: (row.partition, row.key))
        return {
            "now": self.world.clock().isoformat(),
            "rows": [
                {"partition": row.partition, "key": row.key, "values": row.values} for row in rows
            ],
            "assignments": [
                {
                    "name": name,
                    "scope": facts.assignment.scope,
                    "principal_id": facts.assignment.principal_id,
                    "role": facts.assignment.role,
                    "description": facts.description,
                    "created_at": str(facts.created_at),
                }
                for name, facts in self.world.assignments.by_name().items()
            ],
            "versions": [
                one for name in self.world.versions.names() for one in self._versions(name)
            ],
            "apps": {
                str(app): {
                    setting: self._canary(OTHER_SECRET, value)
                    for setting, value in self.world.apps.contents(app).items()
                }
                for app in APPS
            },
        }

    def _versions(self, secret: str) -> list[dict[str, Any]]:
        return [
            {
                "secret": secret,
                "id": kept.version.id,
                "enabled": kept.version.enabled,
                "created_at": str(kept.version.created_at),
                "content_type": kept.version.content_type,
                "tags": kept.version.tags,
                "value": self._canary(secret, kept.value.reveal()),
            }
            for kept in self.world.versions._of(VAULT.url, secret)
        ]

    def _canary(self, secret: str, value: str) -> str:
        """Name a value by its version: a random one has no business in a file."""
        values = [value for value, _ in self.world.versions.contents(VAULT.url, secret)]
        return f"canary-{secret}-{values.index(value)}" if value in values else value


async def _write() -> None:
    path = Path(__file__).parent / f"deployment-of-schema-{codec.SCHEMA}.json"
    morning = Morning()
    await morning.pass_by()
    with path.open("x") as file:  # what is written is never written again
        json.dump(morning.written(), file, indent=1, default=as_member)
        file.write("\n")


if __name__ == "__main__":
    asyncio.run(_write())
