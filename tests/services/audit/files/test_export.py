"""The content of an export."""

import csv
import io
import json
from datetime import timedelta

import pytest

from composition.checkpoints import compose_checkpoints
from domain.audit.history import Filter
from services.audit.days import exported_days
from services.audit.files import export
from services.audit.files.csv_file import inert
from services.audit.files.export import FIRST_FILE, Export, FilePlace, Format
from services.storage import keys
from services.storage.table import Delete, Replace
from tests.support.builders import DANA, EVE
from tests.support.exports import exporter_of
from tests.support.replica import Replica, World


async def a_world(requests: int = 1) -> World:
    world = World()
    replica = Replica(world)
    for number in range(requests):
        await replica.give(DANA, f"req-{number}")
        world.clock.advance(minutes=1)
    return world


async def every_file(world: World, form: Format) -> list[Export]:
    """Build all files of an export, one after the other."""
    files: list[Export] = []
    place: FilePlace | None = FIRST_FILE
    while place:
        files.append(await exporter_of(Replica(world)).build(Filter(), form, place=place))
        place = files[-1].following
    return files


def workflows_in(made: Export) -> list[str]:
    return [workflow["workflow"] for workflow in json.loads(made.body)["workflows"]]


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "=cmd|'/c calc'!A0"]
)
def test_a_cell_a_spreadsheet_would_execute_is_neutralised(cell: str) -> None:
    assert inert(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Dana", "a=b", "{}", "2026-03-02", "'=1"])
def test_any_other_cell_stays_unchanged(cell: str) -> None:
    assert inert(cell) == cell


async def test_quotes_and_line_breaks_stay_within_their_cell() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask(justification='a "quoted", text\nof two lines;\r\nand ümlauts')

    made = await exporter_of(Replica(world)).build(Filter(), Format.CSV)

    [row] = csv.DictReader(io.StringIO(made.body.decode("utf-8-sig"), newline=""))
    stored = json.loads(row["stored_event"])
    assert stored["facts"]["justification"] == 'a "quoted", text\nof two lines;\r\nand ümlauts'


async def test_a_broken_chain_is_exported_and_reported_as_broken() -> None:
    world = await a_world()
    shard, key = keys.shard_of("req-0"), keys.event_key("req-0", 1)
    row = await world.table.get(shard, key)
    assert row is not None
    await world.table.transact(shard, [Replace(key, {**row.values, "event": "=forged"}, row.etag)])

    made = await exporter_of(Replica(world)).build(Filter(), Format.JSON)

    [workflow] = json.loads(made.body)["workflows"]
    assert workflow["unbroken"] is False
    assert workflow["verification"] == "broken: event 1 or an earlier one was changed"
    assert workflow["events"][0]["event"] == "unreadable"
    assert workflow["events"][0]["stored_event"] == "=forged"


async def test_a_removed_event_is_noticed() -> None:
    world = await a_world()
    await world.table.transact(keys.shard_of("req-0"), [Delete(keys.event_key("req-0", 2))])

    made = await exporter_of(Replica(world)).build(Filter(), Format.JSON)

    [workflow] = json.loads(made.body)["workflows"]
    assert workflow["verification"] == "broken: event 2 was removed"


async def test_what_does_not_fit_into_a_file_is_in_the_next_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(export, "MOST", 2)
    world = await a_world(requests=5)

    files = await every_file(world, Format.JSON)

    assert [workflows_in(one) for one in files] == [
        ["req-4", "req-3"],
        ["req-2", "req-1"],
        ["req-0"],
    ]
    assert [one.name[-7:] for one in files] == ["-1.json", "-2.json", "-3.json"]
    assert [json.loads(one.body)["is_last_file"] for one in files] == [False, False, True]
    assert not any(one.is_whole for one in files)


async def test_a_file_ends_before_it_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_PAGE", 1)
    world = await a_world(requests=3)
    whole = await exporter_of(Replica(world)).build(Filter(), Format.JSON)
    monkeypatch.setattr(export, "MOST_BYTES", len(whole.body) * 2 // 3)

    files = await every_file(world, Format.JSON)

    assert [workflows_in(one) for one in files] == [["req-2", "req-1"], ["req-0"]]


@pytest.mark.parametrize("form", Format)
async def test_a_workflow_that_is_larger_than_a_file_is_not_left_out(
    form: Format, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_PAGE", 1)
    monkeypatch.setattr(export, "MOST_BYTES", 1)
    world = await a_world(requests=2)

    files = await every_file(world, form)

    assert [one.workflows for one in files] == [1, 1]


async def test_each_file_says_from_when_to_when_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MOST", 1)
    world = await a_world(requests=3)

    abouts = [json.loads(one.body) for one in await every_file(world, Format.JSON)]

    assert [(one["opened_since"], one["opened_until"]) for one in abouts] == [
        ("2026-03-02T09:02:00+00:00", None),
        ("2026-03-02T09:01:00+00:00", "2026-03-02T09:01:00+00:00"),
        (None, "2026-03-02T09:00:00+00:00"),
    ]


async def test_without_workflows_it_is_empty() -> None:
    made = await exporter_of(Replica(World())).build(Filter(), Format.CSV)

    assert made.workflows == 0
    assert made.is_whole


async def a_sealed_world() -> World:
    """Return a world of two requests on two days, both of which have their checkpoints."""
    world = World()
    replica = Replica(world)
    checkpoints = compose_checkpoints(replica.core)
    await checkpoints.moves.begin()
    for number in range(2):
        await replica.give(DANA, f"req-{number}")
        await replica.pass_time(timedelta(days=1))
    return world


async def test_the_days_of_an_export_list_their_workflows() -> None:
    world = await a_sealed_world()

    whole = json.loads((await exporter_of(Replica(world)).build(Filter(), Format.JSON)).body)

    listed = [[leaf.split()[0] for leaf in day["leaves"]] for day in whole["checkpoints"]]
    assert [day["day"] for day in whole["checkpoints"]] == ["2026-03-02", "2026-03-03"]
    assert listed == [["req-0"], ["checkpoints", "req-1"]]
    assert [other["workflow"] for other in whole["others"]] == ["checkpoints"]


async def test_the_days_begin_with_the_first_one_that_was_asked_for() -> None:
    world = await a_sealed_world()
    since = world.clock() - timedelta(days=1)

    whole = json.loads(
        (await exporter_of(Replica(world)).build(Filter(since=since), Format.JSON)).body
    )

    assert [day["day"] for day in whole["checkpoints"]] == ["2026-03-03"]
    assert whole["opened_since"] == since.isoformat()


async def test_an_export_of_the_newest_says_since_when_it_has_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(export, "MOST", 1)
    world = await a_sealed_world()

    whole = json.loads((await exporter_of(Replica(world)).build(Filter(), Format.JSON)).body)

    assert whole["opened_since"] == whole["workflows"][0]["opened_at"]
    assert [day["day"] for day in whole["checkpoints"]] == ["2026-03-03"]


async def test_the_files_of_an_export_have_each_day_however_far_apart_their_workflows_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(export, "MOST", 1)
    world = World()
    replica = Replica(world)
    await compose_checkpoints(replica.core).moves.begin()
    for number in range(2):
        await replica.give(DANA, f"req-{number}")
        await replica.pass_time(timedelta(days=3))

    newer, older = [json.loads(one.body) for one in await every_file(world, Format.JSON)]

    days = [[day["day"] for day in one["checkpoints"]] for one in (older, newer)]
    assert days == [
        ["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05"],
        ["2026-03-05", "2026-03-06", "2026-03-07"],
    ]


async def test_only_the_newest_days_list_their_workflows_if_there_are_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exported_days, "MOST_LEAVES", 2)
    world = await a_sealed_world()

    whole = json.loads((await exporter_of(Replica(world)).build(Filter(), Format.JSON)).body)

    assert [day["leaves"] and len(day["leaves"]) for day in whole["checkpoints"]] == [None, 2]


async def test_too_many_other_workflows_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exported_days, "MOST_OTHERS", 0)
    world = await a_sealed_world()

    whole = json.loads((await exporter_of(Replica(world)).build(Filter(), Format.JSON)).body)

    assert whole["others"] is None


async def test_an_export_about_someone_has_nobody_elses_workflows() -> None:
    world = await a_sealed_world()
    await Replica(world).ask(EVE, "req-eve")

    wanted = Filter(person=EVE.object_id)
    whole = json.loads((await exporter_of(Replica(world)).build(wanted, Format.JSON)).body)

    assert [one["workflow"] for one in whole["workflows"]] == ["req-eve"]
    assert (whole["person"], whole["others"], whole["checkpoints"]) == (EVE.object_id, None, [])
