"""Workflows in the table: related rows change together."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from domain.access.request import Request, RequestState
from domain.access.rules.request_rules import MOST_SECRETS
from domain.access.transitions import changes as change
from domain.workflow import Change, Event
from services.faults import Conflict
from services.storage import keys
from services.storage.table import Delete, Insert, Operation, Table
from services.workflow.lists import history_rows
from services.workflow.workflows import Due, Workflows
from tests.support.builders import ADA, BO, DANA, EVE, HOUR, MINUTE, SECRET, a_request, a_target
from tests.support.clock import NINE
from tests.support.salts import a_salt
from tests.support.tables.memory_table import MemoryTable
from tests.support.tables.watched_table import WatchedTable

LAPSE = Due(NINE + 8 * HOUR)
AT = history_rows.position(NINE, "req-one")
OF_DANA = (
    f"history~all~{AT}",
    f"history~both~{DANA.object_id}~{history_rows.digest(SECRET)}~{AT}",
    f"history~person~{DANA.object_id}~{AT}",
    f"history~secret~{history_rows.digest(SECRET)}~{AT}",
)
OF_ADA = (
    f"history~both~{ADA.object_id}~{history_rows.digest(SECRET)}~{AT}~000002",
    f"history~person~{ADA.object_id}~{AT}~000002",
)


@pytest.fixture(params=["memory", "azurite"])
def table(request: pytest.FixtureRequest) -> Table:
    if request.param == "memory":
        return MemoryTable()
    real: Table = request.getfixturevalue("azurite_table")
    return real


@pytest.fixture
def workflows(table: Table) -> Workflows:
    return Workflows(table, a_salt)


async def _all_keys(table: Table) -> list[str]:
    rows = [await table.range(shard, "", "~~") for shard in keys.SHARDS]
    return [row.key for shard in rows for row in shard]


async def test_a_new_workflow_has_a_head_an_event_and_rows_for_the_agenda_the_day_and_the_outbox(
    table: Table, workflows: Workflows
) -> None:
    await workflows.create(change.submit(a_request()), LAPSE, NINE)

    assert await _all_keys(table) == [
        "agenda~2026-03-02T17:00:00.000000Z~req-one",
        "day~2026-03-02~req-one~000001",
        *OF_DANA,
        "outbox~2026-03-02T09:00:00.000000Z~req-one~000001",
        "workflow~req-one~event-000001",
        "workflow~req-one~head",
    ]


async def test_names_stand_beside_the_event_and_not_in_its_text(
    table: Table, workflows: Workflows
) -> None:
    await workflows.create(change.submit(a_request()), LAPSE, NINE)

    row = await table.get(keys.shard_of("req-one"), keys.event_key("req-one", 1))
    snapshot = await workflows.snapshot("req-one")
    assert row is not None
    assert snapshot is not None
    assert DANA.name not in str(row.values["event"])
    assert DANA.name in str(row.values["names"])
    assert snapshot.events == change.submit(a_request()).events


async def test_a_stored_workflow_is_read_back(workflows: Workflows) -> None:
    stored = await workflows.create(change.submit(a_request()), LAPSE, NINE)

    assert await workflows.load("req-one") == stored
    assert (stored.head, stored.events, stored.due) == (a_request(), 1, NINE + 8 * HOUR)


async def test_an_id_is_used_only_once(table: Table, workflows: Workflows) -> None:
    await workflows.create(change.submit(a_request()), LAPSE, NINE)

    with pytest.raises(Conflict):
        await workflows.create(change.submit(a_request()), Due(NINE), NINE + MINUTE)

    assert len(await _all_keys(table)) == 9


async def test_a_change_moves_the_agenda_row_with_the_head(
    table: Table, workflows: Workflows
) -> None:
    stored = await workflows.create(change.submit(a_request()), LAPSE, NINE)
    approved = change.approve(a_request(), ADA, NINE + MINUTE)

    after = await workflows.commit(stored, approved, Due(NINE + MINUTE), NINE + MINUTE)

    assert await workflows.load("req-one") == after
    assert [key for key in await _all_keys(table) if key.startswith("agenda~")] == [
        "agenda~2026-03-02T09:01:00.000000Z~req-one"
    ]


async def test_who_decides_is_in_the_history_with_their_decision(
    table: Table, workflows: Workflows
) -> None:
    stored = await workflows.create(change.submit(a_request()), LAPSE, NINE)

    await workflows.commit(stored, change.deny(a_request(), ADA, "", NINE), None, NINE)

    history = [key for key in await _all_keys(table) if key.startswith("history~")]
    assert history == sorted([*OF_DANA, *OF_ADA])


async def test_the_largest_request_fits_into_a_transaction_which_has_a_hundred_operations() -> None:
    """Break-glass access to ten secrets for someone else, and two decisions at once in the end."""
    targets = tuple(a_target(f"secret-{number}") for number in range(MOST_SECRETS))
    asked = a_request(targets=targets, beneficiary=EVE.as_person())
    revoking = replace(asked, state=RequestState.REVOKING)
    stuck = replace(asked, state=RequestState.STUCK)
    table = _CountingTable()
    workflows = Workflows(table, a_salt)

    stored = await workflows.create(Change(revoking, change.submit(asked).events), LAPSE, NINE)
    decisions = tuple(Event("decided", NINE, actor) for actor in (ADA, BO))
    await workflows.commit(stored, Change(stuck, decisions), Due(NINE), NINE)

    assert table.operations == [39, 31]


class _CountingTable(MemoryTable):
    """Counts the operations of each transaction in a shard."""

    def __init__(self) -> None:
        super().__init__()
        self.operations: list[int] = []

    async def transact(self, partition: str, operations: Sequence[Operation]) -> list[str]:
        if partition in keys.SHARDS:
            self.operations.append(len(operations))
        return await super().transact(partition, operations)


async def test_a_month_is_noted_before_its_first_workflow_and_then_remembered() -> None:
    table = WatchedTable(MemoryTable())
    workflows = Workflows(table, a_salt)
    await workflows.create(change.submit(a_request(id="req-1")), LAPSE, NINE)
    first = (table.reads, table.transactions)
    table.forget_counts()
    await workflows.create(change.submit(a_request(id="req-2")), LAPSE, NINE)

    assert first == (1, 2)
    assert (table.reads, table.transactions) == (0, 1)
    assert await history_rows.oldest_month(table) == date(2026, 3, 1)


async def test_a_finished_workflow_leaves_the_agenda(table: Table, workflows: Workflows) -> None:
    stored = await workflows.create(change.submit(a_request()), LAPSE, NINE)

    await workflows.commit(stored, change.deny(a_request(), ADA, "", NINE), None, NINE)

    assert not [key for key in await _all_keys(table) if key.startswith("agenda~")]


async def test_the_loser_of_a_race_changes_nothing(table: Table, workflows: Workflows) -> None:
    stored = await workflows.create(change.submit(a_request()), LAPSE, NINE)
    await workflows.commit(stored, change.approve(a_request(), ADA, NINE), Due(NINE), NINE)
    before = await _all_keys(table)

    with pytest.raises(Conflict):
        await workflows.commit(stored, change.deny(a_request(), ADA, "", NINE), None, NINE)

    assert await _all_keys(table) == before


async def test_a_change_without_an_event_announces_nothing(
    table: Table, workflows: Workflows
) -> None:
    stored = await workflows.create(change.submit(a_request()), LAPSE, NINE)

    await workflows.commit(stored, Change(a_request(attempt=1)), LAPSE, NINE)

    assert len(await _all_keys(table)) == 9
    assert await _head(workflows) == a_request(attempt=1)


@pytest.mark.parametrize("is_listed", [True, False], ids=["listed", "its row is missing"])
async def test_a_workflow_leaves_a_list_whether_or_not_its_row_is_there(
    table: Table, workflows: Workflows, is_listed: bool
) -> None:
    stuck = a_request(state=RequestState.STUCK)
    stored = await workflows.create(Change(stuck), LAPSE, NINE)
    row = keys.listed_key(RequestState.STUCK, "req-one")
    if not is_listed:
        await table.transact(keys.shard_of("req-one"), [Delete(row)])

    await workflows.commit(stored, Change(a_request(state=RequestState.REVOKED)), None, NINE)

    assert row not in await _all_keys(table)
    assert (await _head(workflows)).state is RequestState.REVOKED


async def _head(workflows: Workflows) -> Request:
    stored = await workflows.load_as(Request, "req-one")
    assert stored is not None
    return stored.head


async def test_events_are_read_in_order_even_beyond_ten(workflows: Workflows) -> None:
    stored = await workflows.create(change.submit(a_request()), LAPSE, NINE)
    for number in range(2, 13):
        event = Event("unreachable", NINE, None, {"number": number})
        stored = await workflows.commit(stored, Change(a_request(), (event,)), LAPSE, NINE)

    snapshot = await workflows.snapshot("req-one")

    assert snapshot is not None
    assert list(range(2, 13)) == [event.facts["number"] for event in snapshot.events[1:]]
    assert snapshot.events[0] == change.submit(a_request()).events[0]


async def test_a_workflow_whose_id_starts_like_another_keeps_its_rows_separate(
    table: Table, workflows: Workflows
) -> None:
    await workflows.create(change.submit(a_request()), LAPSE, NINE)
    # In the other one's shard, whatever its own ID says.
    await table.transact(
        keys.shard_of("req-one"), [Insert(keys.event_key("req-one-more", 1), {"event": "{}"})]
    )

    snapshot = await workflows.snapshot("req-one")

    assert snapshot is not None
    assert len(snapshot.events) == 1


async def test_a_missing_workflow_is_none(workflows: Workflows) -> None:
    assert await workflows.load("req-none") is None
    assert await workflows.snapshot("req-none") is None
