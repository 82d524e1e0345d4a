"""Today's worker on what older versions left in the table.

``written/deployment-of-schema-N.json`` is a deployment of each schema that stopped at noon, in the
middle of everything; ``written/write.py`` says what its morning was like. Azure and Teams work
again.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from domain.access.assignment import Assignment
from domain.access.request import RequestState
from domain.backoff import LONGEST
from domain.people import Actor
from services.azure.tables import AzureTable
from services.storage.table import Row, Table
from services.workflow import codec
from services.workflow.workflows import UNREVIEWED
from tests.services.written.deployment import FAY, GUS, HAL, IDA, JO, LOU, SCHEDULED, Written
from tests.support.builders import ADA, BO, CY, DANA, EVE, HOUR, MINUTE, OTHER_SECRET, ROLE, VAULT
from tests.support.rotation.builders import DAY
from tests.support.rotation.replica import RotationReplica
from tests.support.tables.memory_table import MemoryTable

WRITTEN = Path(__file__).parent / "written"
SCHEMAS = sorted(
    int(path.stem.rpartition("-")[2]) for path in WRITTEN.glob("deployment-of-schema-*.json")
)
"""The schemas of which there is a table; not each of them was released."""
ENDING = ("req-", "rot-", "orp-")


@pytest.fixture(params=SCHEMAS)
def written(request: pytest.FixtureRequest) -> Written:
    return Written.read(WRITTEN / f"deployment-of-schema-{request.param}.json")


def test_a_table_of_the_present_schema_is_read_too() -> None:
    assert codec.SCHEMA in SCHEMAS, "run python -m tests.services.written.write"


def heads_of(written: Written) -> list[Row]:
    return [row for row in written.rows if row.key.endswith("~head")]


async def restored(written: Written, table: Table | None = None) -> RotationReplica:
    """Start today's Latchkey on the old rows."""
    return RotationReplica(await written.restore(table or MemoryTable()))


def has_access(replica: RotationReplica, who: Actor) -> bool:
    assignment = Assignment(VAULT.resource_id, who.object_id, ROLE)
    return assignment.id in replica.world.assignments.names()


async def state_of(replica: RotationReplica, workflow_id: str) -> str:
    stored = await replica.workflows.load(workflow_id)
    assert stored is not None
    return str(stored.head.state)


def test_the_first_schemas_data_has_a_workflow_in_each_state(written: Written) -> None:
    states = {f"{row.key.split('~')[1][:3]} {row.values['state']}" for row in heads_of(written)}
    schemas = {row.values["schema"] for row in heads_of(written)}

    assert states == {
        *("req pending", "req granting", "req active", "req revoking", "req stuck"),
        *("rot running", "rot overlapping", "rot pending"),
        *("orp stuck", "sch waiting", "rec waiting"),
    }
    assert len(schemas) == 1
    assert schemas <= set(SCHEMAS)


@pytest.mark.parametrize(
    ("request_id", "who"), [("req-stuck", DANA), ("req-revoking", FAY), ("orp-5fd2facbba", CY)]
)
async def test_access_that_was_over_is_revoked_at_its_next_attempt(
    written: Written, request_id: str, who: Actor
) -> None:
    replica = await restored(written)
    before = has_access(replica, who)

    await replica.pass_time(LONGEST)

    assert before
    assert not has_access(replica, who)
    assert await state_of(replica, request_id) == "revoked"
    assert request_id not in [row.split("~")[-1] for row in await replica.world.queued()]


async def test_access_lasts_to_the_end_of_its_window_and_no_longer(written: Written) -> None:
    replica = await restored(written)

    await replica.pass_time(HOUR - MINUTE)
    shortly_before = has_access(replica, GUS)
    await replica.pass_time(MINUTE)

    assert shortly_before
    assert not has_access(replica, GUS)
    assert await state_of(replica, "req-active") == "revoked"


async def test_of_two_that_share_an_assignment_the_shorter_does_not_cut_the_longer(
    written: Written,
) -> None:
    replica = await restored(written)

    await replica.pass_time(HOUR)
    states = [await state_of(replica, one) for one in ("req-short", "req-long")]
    between = has_access(replica, EVE)
    await replica.pass_time(30 * MINUTE)

    assert states == ["revoked", "active"]
    assert between
    assert not has_access(replica, EVE)


async def test_a_grant_begun_by_a_dead_process_is_finished_and_ends_in_time(
    written: Written,
) -> None:
    replica = await restored(written)

    await replica.pass_time(MINUTE)
    granted = await state_of(replica, "req-granting")
    await replica.pass_time(HOUR - MINUTE)

    assert granted == RequestState.ACTIVE
    assert not has_access(replica, LOU)


async def test_the_second_of_two_approvals_is_counted_with_the_first(written: Written) -> None:
    replica = await restored(written)

    await replica.approve(BO, "req-half")
    await replica.settle()
    request = await replica.request("req-half")

    assert request.state is RequestState.ACTIVE
    assert [approval.approver for approval in request.approvals] == [ADA, BO]
    assert has_access(replica, HAL)


async def test_an_undecided_request_is_reminded_escalated_and_lapses(written: Written) -> None:
    replica = await restored(written)

    await replica.pass_time(7 * HOUR)

    for request_id in ("req-half", "req-waiting"):
        assert (await replica.event_kinds(request_id))[-3:] == ["reminded", "escalated", "lapsed"]
    assert not has_access(replica, IDA)


async def test_an_open_extension_request_can_be_approved(written: Written) -> None:
    replica = await restored(written)

    await replica.extensions.allow(ADA, "req-active")
    await replica.pass_time(2 * HOUR - MINUTE)
    to_the_new_end = has_access(replica, GUS)
    await replica.pass_time(MINUTE)

    assert to_the_new_end
    assert not has_access(replica, GUS)


async def test_break_glass_access_ends_and_its_review_is_requested_until_given(
    written: Written,
) -> None:
    replica = await restored(written)

    await replica.pass_time(2 * DAY)
    listed = await replica.workflows.listed(UNREVIEWED)
    asked = (await replica.event_kinds("req-broken")).count("review_asked")
    await replica.reviews.review(ADA, "req-broken", "an incident")
    await replica.pass_time(2 * DAY)

    assert not has_access(replica, JO)
    assert asked == 2
    assert listed == ["req-broken"]
    assert await replica.workflows.listed(UNREVIEWED) == []
    assert (await replica.event_kinds("req-broken"))[-1] == "reviewed"


async def test_a_rotation_begun_by_a_dead_process_is_finished(written: Written) -> None:
    replica = await restored(written)

    await replica.pass_time(HOUR)
    rotated = await state_of(replica, "rot-running")
    await replica.pass_time(DAY)
    settings = replica.world.azure().settings

    assert rotated == "overlapping"
    assert await state_of(replica, "rot-running") == "rotated"
    assert {settings[app]["API_KEY"] for app in ("checkout-api", "checkout-api/staging")} == {
        "canary-app-api-key-1"
    }
    assert replica.world.versions.contents(VAULT.url, OTHER_SECRET) == [
        ("canary-app-api-key-0", False),
        ("canary-app-api-key-1", True),
    ]


async def test_an_overlap_ends_at_its_planned_time(written: Written) -> None:
    replica = await restored(written)

    await replica.pass_time(21 * HOUR)
    before = await state_of(replica, "rot-overlapping")
    await replica.pass_time(30 * MINUTE)

    assert before == "overlapping"
    assert await state_of(replica, "rot-overlapping") == "rotated"


async def test_a_rotation_waiting_for_a_second_admin_can_be_approved(written: Written) -> None:
    replica = await restored(written)

    await replica.rotations.approve(BO, "rot-agreed")
    await replica.settle()

    assert await state_of(replica, "rot-agreed") == "overlapping"


async def test_a_schedule_continues_where_it_was(written: Written) -> None:
    replica = await restored(written)

    await replica.schedules.sync()
    await replica.pass_time(2 * HOUR)
    before = len(replica.world.versions.contents(VAULT.url, SCHEDULED))
    await replica.pass_time(5 * MINUTE)

    assert before == 1
    assert len(replica.world.versions.contents(VAULT.url, SCHEDULED)) == 2


async def test_pending_announcements_are_sent_and_none_is_sent_twice(written: Written) -> None:
    replica = await restored(written)
    posted = {(row.key.split("~")[1], row.key.split("~message-")[1]) for row in _posted(written)}

    await replica.pass_time(5 * MINUTE)
    told = [
        (sent.head.id, part.key)
        for sent in replica.world.message_sender.posts
        for part in sent.announcement.parts
    ]

    assert set(told) >= {
        ("req-untold", "audit-000001"),
        ("req-untold", f"approver-{ADA.object_id}"),
    }
    assert {("req-revoking", f"audit-{number:06d}") for number in range(1, 7)} <= posted | {*told}
    assert len(set(told)) == len(told)
    assert posted.isdisjoint(told)


async def test_posted_cards_are_kept_up_to_date(written: Written) -> None:
    replica = await restored(written)

    await replica.deny(ADA, "req-waiting")
    await replica.settle()

    updated = {
        sent.key for sent in replica.world.message_sender.updates if sent.head.id == "req-waiting"
    }
    assert {f"approver-{one.object_id}" for one in (ADA, BO)} <= updated


async def test_every_open_workflow_is_on_the_lists_of_the_people_involved(written: Written) -> None:
    replica = await restored(written)

    held = await replica.listings.mine(EVE, 10)
    waiting = await replica.listings.to_decide(BO, 10)

    assert {request.id for request in held.requests} == {"req-long", "req-short"}
    # Schema 1 listed no break-glass access for its reviewers.
    assert {request.id for request in waiting.requests} - {"req-broken"} == {
        *("req-active", "req-half", "req-untold", "req-waiting"),
    }


@dataclass(frozen=True, slots=True)
class Ending:
    """The outcome a day and a half later."""

    states: dict[str, str]
    events: dict[str, list[str]]
    verdicts: dict[str, str]
    assignments: list[str]
    leases: list[str]
    queued: list[str]
    azure: Any


async def _live(replica: RotationReplica, written: Written) -> Ending:
    """Let the deployment run on, in a few steps of time."""
    for while_ in (5 * MINUTE, HOUR, HOUR, 8 * HOUR, DAY):
        replica.clock.advance(while_)
        await replica.settle()
    ids = [row.key.split("~")[1] for row in heads_of(written)]
    ended = [one for one in ids if one.startswith(ENDING)]
    trails = {one: await replica.workflows.trail(one) for one in ended}
    return Ending(
        states={one: await state_of(replica, one) for one in ended},
        events={one: await replica.event_kinds(one) for one in ended},
        verdicts={one: str(trail.verify().sentence) for one, trail in trails.items() if trail},
        assignments=replica.world.assignments.names(),
        leases=await replica.world.leases(),
        queued=[row for row in await replica.world.queued() if not row.startswith("agenda~")],
        azure=replica.world.azure().settings,
    )


async def test_everything_ends_and_every_chain_continues(written: Written) -> None:
    replica = await restored(written)

    ending = await _live(replica, written)

    assert set(ending.states.values()) == {"revoked", "lapsed", "rotated"}
    assert ending.assignments == ending.leases == []
    assert ending.queued == ["unreviewed~req-broken"]
    for one, events in ending.events.items():
        assert ending.verdicts[one] == f"unbroken: {len(events)} events"


async def test_no_existing_event_is_rewritten(written: Written) -> None:
    table = MemoryTable()
    replica = await restored(written, table)

    await _live(replica, written)

    now = {(row.partition, row.key): row.values for row in table.rows()}
    for row in written.rows:
        if "~event-" in row.key:
            assert now[row.partition, row.key] == row.values


@pytest.mark.parametrize("written", [SCHEMAS[0], SCHEMAS[-1]], indirect=True)
async def test_the_outcome_is_the_same_on_the_real_table(
    written: Written,
    azurite_table: AzureTable,
) -> None:
    expected = await _live(await restored(written), written)

    assert await _live(await restored(written, azurite_table), written) == expected


def _posted(written: Written) -> list[Row]:
    return [row for row in written.rows if "~message-" in row.key and "activity_id" in row.values]
