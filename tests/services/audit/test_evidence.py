"""Tampering with any row of a stored workflow is found."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from domain.audit.evidence import ChainFlaw, Verdict
from domain.workflow import Change, Event
from services.azure.tables import AzureTable
from services.storage import keys
from services.storage.table import Delete, Insert, Operation, Replace, Row, Table, Value
from services.workflow.workflows import Workflows
from tests.support.builders import ADA, BO, CY, DANA, HOUR, a_request, email_of, policies
from tests.support.clock import NINE
from tests.support.replica import Replica, World
from tests.support.salts import a_salt
from tests.support.tables.memory_table import MemoryTable

WORKFLOW = "req-one"
EVENTS = 5


@pytest.fixture(params=["memory", "azurite"])
def table(request: pytest.FixtureRequest) -> Table:
    if request.param == "memory":
        return MemoryTable()
    real: Table = request.getfixturevalue("azurite_table")
    return real


async def store_events(table: Table) -> None:
    """Store a workflow of five events: two at once, and three one after the other."""
    workflows = Workflows(table, a_salt)
    kinds = [f"kind {number}" for number in range(1, EVENTS + 1)]
    one, two, *others = [Event(kind, NINE, DANA) for kind in kinds]
    stored = await workflows.create(Change(a_request(), (one, two)), None, NINE)
    for each in others:
        stored = await workflows.commit(stored, Change(a_request(), (each,)), None, NINE)


async def check(table: Table) -> Verdict:
    trail = await Workflows(table, a_salt).trail(WORKFLOW)
    assert trail is not None
    return trail.verify()


async def event(table: Table, number: int) -> Row:
    row = await table.get(keys.shard_of(WORKFLOW), keys.event_key(WORKFLOW, number))
    assert row is not None
    return row


async def tamper(table: Table, *operations: Operation) -> None:
    await table.transact(keys.shard_of(WORKFLOW), operations)


def overwrite(row: Row, values: Mapping[str, Value]) -> Replace:
    return Replace(row.key, {**row.values, **values}, row.etag)


async def rewrite_head(table: Table, **values: Any) -> None:
    row = await table.get(keys.shard_of(WORKFLOW), keys.head_key(WORKFLOW))
    assert row is not None
    await tamper(table, overwrite(row, values))


async def test_an_untouched_chain_is_unbroken(table: Table) -> None:
    await store_events(table)

    assert str((await check(table)).sentence) == f"unbroken: {EVENTS} events"


@pytest.mark.parametrize("number", range(1, EVENTS + 1))
async def test_a_changed_event_is_named(table: Table, number: int) -> None:
    await store_events(table)
    row = await event(table, number)
    forged = str(row.values["event"]).replace("2026", "2025", 1)

    await tamper(table, overwrite(row, {"event": forged}))
    verdict = await check(table)

    assert forged != row.values["event"]
    assert (ChainFlaw.CHANGED, number) == (verdict.flaw, verdict.number)


@pytest.mark.parametrize("number", range(1, EVENTS + 1))
async def test_a_removed_event_is_named(table: Table, number: int) -> None:
    await store_events(table)

    await tamper(table, Delete(keys.event_key(WORKFLOW, number)))
    verdict = await check(table)

    assert (ChainFlaw.REMOVED, number) == (verdict.flaw, verdict.number)


@pytest.mark.parametrize("name", ["event-000006", "event-more", "event-000000"])
async def test_an_added_event_is_found(table: Table, name: str) -> None:
    await store_events(table)
    last = await event(table, EVENTS)

    await tamper(table, Insert(f"{keys.workflow_prefix(WORKFLOW)}{name}", last.values))

    assert (await check(table)).flaw is ChainFlaw.ADDED


@pytest.mark.parametrize("number", range(1, EVENTS))
async def test_swapped_events_are_found(table: Table, number: int) -> None:
    await store_events(table)
    one, other = await event(table, number), await event(table, number + 1)

    await tamper(table, overwrite(one, other.values), overwrite(other, one.values))
    verdict = await check(table)

    assert (ChainFlaw.CHANGED, number) == (verdict.flaw, verdict.number)


@pytest.mark.parametrize("values", [{"events": 4}, {"events": 6}, {"hash": "0" * 64}, {"hash": ""}])
async def test_a_head_that_does_not_match_the_events_is_found(
    table: Table, values: dict[str, Value]
) -> None:
    await store_events(table)

    await rewrite_head(table, **values)

    assert (await check(table)).flaw in {ChainFlaw.HEAD, ChainFlaw.ADDED, ChainFlaw.REMOVED}


async def test_events_written_by_two_racing_replicas_form_one_chain(
    azurite_table: AzureTable,
) -> None:
    approvers = (email_of(ADA), email_of(BO), email_of(CY))
    world = World(azurite_table, policies(approvers=approvers, min_approvals=3))
    replica, other = Replica(world), Replica(world)
    await replica.ask()

    await asyncio.gather(replica.approve(ADA), other.approve(BO), replica.approve(CY))
    await asyncio.gather(replica.settle(), other.settle())
    verdict = await check(azurite_table)

    assert str(verdict.sentence) == f"unbroken: {len(await replica.events())} events"


async def test_each_audit_message_carries_the_hash_of_its_last_event() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    await replica.pass_time(2 * HOUR)

    snapshot = await replica.snapshot()
    posted = [
        sent.announcement for sent in world.message_sender.posts if sent.key.startswith("audit-")
    ]

    of_their_events = [snapshot.hashes[one.revision - 1] for one in posted]
    assert of_their_events == [announcement.hash for announcement in posted]
    assert posted[-1].revision == len(snapshot.events)
    assert posted[-1].hash == (await check(world.table)).hash


async def test_a_workflow_of_the_first_schema_is_chained_from_its_next_event(table: Table) -> None:
    world = World(table)
    replica = Replica(world)
    await replica.ask(DANA)
    first = await event(table, 1)
    without = {name: value for name, value in first.values.items() if name != "hash"}
    await tamper(table, Replace(first.key, without, first.etag))
    head = await table.get(keys.shard_of(WORKFLOW), keys.head_key(WORKFLOW))
    assert head is not None
    bare = {name: value for name, value in head.values.items() if name != "hash"}
    await tamper(table, Replace(head.key, bare, head.etag))

    await replica.approve()
    await replica.settle()

    assert (
        str((await check(table)).sentence) == "unbroken: 3 events, the first 1 older than the chain"
    )
