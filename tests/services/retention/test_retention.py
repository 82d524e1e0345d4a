"""What ended long ago is archived and removed, and can still be proven."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from composition.checkpoints import compose_checkpoints
from composition.counters import compose_counters
from composition.retention import compose_retention
from domain.access.request import Request, RequestState
from domain.audit.checkpoint import DayFlaw, DayVerdict, FlawedWorkflow
from domain.audit.figures import Figures
from domain.audit.history import Filter
from domain.checkpoints.checkpoints import MARGIN
from domain.retention.retention import WORKFLOW_ID, Retention, RetentionEvent
from domain.workflow import Change
from services.audit.days.sealed_records import SealedRecords
from services.audit.history import History
from services.faults import Unavailable
from services.progress import ProgressCount
from services.retention import removal, retention
from services.retention.retention import Keeping
from services.storage import keys
from services.storage.table import Delete, Replace, Row
from tests.support.builders import ADA, CY, DANA, EVE, HOUR, OTHER_SECRET, SECRET, email_of
from tests.support.clock import NINE
from tests.support.former_history import make_former
from tests.support.replica import Replica, World
from tests.support.tables.crashing_table import Crash, Killed, When
from tests.support.tables.memory_archive import MemoryArchive
from tests.support.tables.memory_table import MemoryTable

TODAY = NINE.date()
DAY = timedelta(days=1)
KEPT = 3
"""For how many days these tests keep what ended."""
REMOVED = datetime.combine(TODAY + (KEPT + 1) * DAY, time(), UTC) + MARGIN + HOUR


class Kept:
    """A replica with the daily work, and an archive."""

    def __init__(
        self,
        world: World | None = None,
        crash: Crash | None = None,
        archive: MemoryArchive | None = None,
        days: int = KEPT,
        *,
        has_archive: bool = True,
    ) -> None:
        self.world = world or World(MemoryTable())
        self.archive = archive or MemoryArchive()
        self.replica = Replica(self.world, crash)
        core = self.replica.core
        self.checkpoints = compose_checkpoints(core)
        self.counters = compose_counters(core)
        keeping = Keeping(days, self.archive if has_archive else None)
        self.moves = compose_retention(core, self.replica.leases, keeping)
        self.sealed = SealedRecords(core.table, core.workflows)

    async def begin(self) -> None:
        await self.checkpoints.moves.begin()
        await self.counters.moves.begin()
        await self.moves.begin()

    async def until(self, moment: datetime) -> None:
        await self.replica.pass_time(moment - self.world.clock())
        await self.replica.settle()

    async def verify(self, day: date = TODAY) -> DayVerdict:
        return await self.checkpoints.days.verify(CY, day)

    async def events(self) -> list[str]:
        snapshot = await self.replica.workflows.snapshot(WORKFLOW_ID)
        return [str(event.kind) for event in snapshot.events] if snapshot else []

    def rows_about(self, workflow_id: str) -> list[Row]:
        """Return the rows whose keys name a workflow."""
        store = self.world.store
        assert isinstance(store, MemoryTable)
        return [row for row in store.rows() if workflow_id in row.key.split("~")]

    def archived(self) -> list[dict[str, Any]]:
        """Return all lines of the archive."""
        files = self.archive.files.values()
        return [json.loads(line) for one in files for line in one.decode().splitlines()]

    async def figures(self) -> Figures:
        figures, _ = await self.counters.figures.since(TODAY, None, ProgressCount())
        return figures


async def a_life(one: Kept) -> None:
    """Let a request for two secrets be granted and end, another be denied."""
    await one.begin()
    await one.replica.give(DANA, "req-one", secrets=(SECRET, OTHER_SECRET))
    await one.replica.ask(EVE, "req-two")
    await one.replica.settle()
    await one.replica.deny(ADA, "req-two")


async def a_removed_life() -> Kept:
    one = Kept()
    await a_life(one)
    await one.until(REMOVED)
    return one


async def test_what_ended_is_archived_with_its_chain_and_removed() -> None:
    one = Kept()
    await a_life(one)
    await one.until(REMOVED - DAY)
    before = await one.replica.workflows.trail("req-one")
    await one.until(REMOVED)

    assert before
    assert await one.replica.workflows.load("req-one") is None
    assert await one.replica.workflows.load("req-two") is None
    [first, second] = one.archived()
    assert [first["workflow"], second["workflow"]] == ["req-one", "req-two"]
    texts = [(each["stored_event"], each["event_hash"]) for each in first["events"]]
    assert texts == [(each.text, each.hash) for each in before.events]
    assert first["last_hash"] == before.stored.hash
    assert first["unbroken"] is True
    assert await one.events() == [RetentionEvent.ARCHIVED, RetentionEvent.REMOVED]


async def test_the_archive_has_no_names() -> None:
    one = await a_removed_life()
    [first, second] = one.archived()
    people = (ADA, CY, DANA, EVE)
    names = {each.name for each in people}
    emails = {email_of(each) for each in people}

    text = json.dumps([first, second])
    assert [word for word in sorted(names | emails) if word in text] == []
    assert [each["by_id"] == each["by"] for each in first["events"]] == [True] * 6
    assert '"salt"' not in text
    assert second["head"]["denial"]["approver"]["object_id"] == ADA.object_id


@pytest.mark.parametrize("by_an_older", [(), ("req-one",)])
async def test_one_row_stays_of_it_and_no_index_names_it(by_an_older: tuple[str, ...]) -> None:
    one = Kept()
    await a_life(one)
    store = one.world.store
    assert isinstance(store, MemoryTable)
    await make_former(store, *by_an_older)
    await one.until(REMOVED)

    assert [row.key for row in one.rows_about("req-one")] == [keys.sealed_key("req-one")]
    indexed = [row for row in store.rows() if row.partition.startswith(("history-", "person-"))]
    assert [row.key for row in indexed if "req-" in row.key] == []


async def test_no_row_of_the_history_stays_if_an_older_version_added_some() -> None:
    one = Kept()
    await a_life(one)
    await make_former(one.world.store, "req-one", keep=True)
    await one.until(REMOVED)

    assert [row.key for row in one.rows_about("req-one")] == [keys.sealed_key("req-one")]


async def test_nothing_is_removed_before_its_time() -> None:
    one = Kept()
    await a_life(one)
    await one.until(REMOVED - 3 * HOUR)

    assert await one.replica.workflows.load("req-one")
    assert one.archive.files == {}
    assert await one.events() == []


@pytest.mark.parametrize(("days", "has_archive"), [(0, True), (KEPT, False)])
async def test_without_days_or_an_archive_nothing_is_removed(
    days: int, *, has_archive: bool
) -> None:
    one = Kept(days=days, has_archive=has_archive)
    await a_life(one)
    await one.until(REMOVED + 10 * DAY)

    assert await one.replica.workflows.load("req-one")
    assert await one.events() == []


async def test_a_day_can_be_verified_when_its_workflows_are_archived() -> None:
    one = Kept()
    await a_life(one)
    await one.until(REMOVED - DAY)
    before = await one.verify()
    await one.until(REMOVED + DAY)

    verdict = await one.verify()

    assert before.archived == ()
    assert verdict.is_intact
    assert verdict.archived == (REMOVED.date(), REMOVED.date())
    assert (await one.verify(REMOVED.date())).is_intact


async def test_earlier_days_of_an_archived_workflow_can_be_verified() -> None:
    one = Kept()
    await one.begin()
    await one.until(NINE + 14 * HOUR)
    await one.replica.give(DANA, "req-one", window=4 * HOUR)  # it ends on the next day
    await one.until(REMOVED + 2 * DAY)

    verdicts = [await one.verify(TODAY + number * DAY) for number in range(2)]

    assert await one.replica.workflows.load("req-one") is None
    assert [verdict.is_intact for verdict in verdicts] == [True, True]
    assert [len(verdict.archived) for verdict in verdicts] == [1, 1]


async def test_a_workflow_that_was_removed_by_hand_is_still_named() -> None:
    one = Kept()
    await a_life(one)
    await one.until(REMOVED - DAY)
    rows = [row for row in one.rows_about("req-one") if row.key.startswith("workflow~")]
    await one.world.store.transact(keys.shard_of("req-one"), [Delete(row.key) for row in rows])
    await one.until(REMOVED)

    assert (await one.verify()).flawed == (FlawedWorkflow("req-one", DayFlaw.REMOVED),)


async def test_a_sealed_record_that_was_made_up_proves_nothing() -> None:
    one = await a_removed_life()
    row = await one.world.store.get(keys.shard_of("req-two"), keys.sealed_key("req-two"))
    assert row
    forged = {**row.values, "hash": "0" * 64}
    await one.world.store.transact(row.partition, [Replace(row.key, forged, row.etag)])

    verdict = await one.sealed.verify("req-two")
    genuine = await one.sealed.verify("req-one")

    assert verdict
    assert not verdict.is_genuine
    assert genuine
    assert genuine.is_genuine


async def test_a_batch_whose_list_was_changed_proves_nothing() -> None:
    one = await a_removed_life()
    store = one.world.store
    assert isinstance(store, MemoryTable)
    (row,) = [
        each
        for each in store.rows()
        if str(each.values.get("document_key", "")).startswith("sealed~")
    ]
    text = str(row.values["json"]).replace("req-two", "req-ten")
    await store.transact(row.partition, [Replace(row.key, {**row.values, "json": text}, row.etag)])

    flawed = (await one.verify()).flawed

    assert flawed == (
        FlawedWorkflow("req-one", DayFlaw.REMOVED),
        FlawedWorkflow("req-two", DayFlaw.REMOVED),
    )


async def test_what_is_open_or_closed_without_confirmation_stays() -> None:
    one = Kept()
    await one.begin()
    await one.replica.ask(DANA, "req-open", starts_at=NINE + 6 * DAY)
    await one.replica.settle()
    await one.replica.approve(request_id="req-open")
    await one.replica.ask(EVE, "req-closed")
    await one.replica.settle()
    stored = await one.replica.workflows.load_as(Request, "req-closed")
    assert stored
    closed = replace(stored.head, state=RequestState.CLOSED)
    await one.replica.engine.record(stored, Change(closed))
    await one.until(REMOVED + DAY)

    assert await one.replica.workflows.load("req-open")
    assert await one.replica.workflows.load("req-closed")


async def test_a_request_that_still_holds_a_lease_stays() -> None:
    one = Kept()
    await a_life(one)
    await one.until(REMOVED - DAY)
    request = await one.replica.request("req-one")
    await one.replica.leases.acquire(request.assignments[0], "req-one")
    await one.until(REMOVED)

    assert await one.replica.workflows.load("req-one")
    assert await one.replica.workflows.load("req-two") is None


async def test_a_broken_chain_stays_as_evidence() -> None:
    one = Kept()
    await a_life(one)
    await one.until(REMOVED - DAY)
    key = keys.event_key("req-two", 1)
    row = await one.world.store.get(keys.shard_of("req-two"), key)
    assert row
    text = str(row.values["event"]).replace(EVE.object_id, DANA.object_id)
    await one.world.store.transact(
        row.partition, [Replace(key, {**row.values, "event": text}, row.etag)]
    )
    await one.until(REMOVED)

    assert await one.replica.workflows.load("req-two")
    assert [line["workflow"] for line in one.archived()] == ["req-one"]


async def test_an_archive_that_returns_something_else_keeps_everything_in_the_table() -> None:
    class Careless(MemoryArchive):
        async def read(self, name: str) -> bytes | None:
            return (self.files.get(name) or b"")[:-1]

    one = Kept(archive=Careless())
    await a_life(one)
    await one.until(REMOVED + DAY)

    assert await one.replica.workflows.load("req-one")
    assert await one.events() == []


async def test_an_archive_that_is_gone_for_a_while_is_waited_for() -> None:
    class Gone(MemoryArchive):
        is_gone = True

        async def keep(self, name: str, content: bytes) -> None:
            if self.is_gone:
                raise Unavailable("Blob Storage", "503")
            await super().keep(name, content)

    archive = Gone()
    one = Kept(archive=archive)
    await a_life(one)
    await one.until(REMOVED)
    waited = await one.replica.workflows.load("req-one")
    archive.is_gone = False
    await one.until(REMOVED + HOUR)

    assert waited
    assert await one.replica.workflows.load("req-one") is None


async def test_many_are_archived_in_several_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "IN_A_FILE", 2)
    monkeypatch.setattr(retention, "REMOVED_AT_ONCE", 1)
    monkeypatch.setattr(removal, "_AT_ONCE", 2)
    one = Kept()
    await one.begin()
    for number in range(5):
        await one.replica.ask(DANA, f"req-{number}")
        await one.replica.settle()
        await one.replica.deny(request_id=f"req-{number}")
    await one.until(REMOVED + DAY)

    assert [len(each.splitlines()) for each in one.archive.files.values()] == [2, 2, 1]
    assert [one.rows_about(f"req-{number}")[1:] for number in range(5)] == [[]] * 5
    verdict = await one.verify()
    assert (verdict.is_intact, len(verdict.archived)) == (True, 5)


async def test_what_is_older_than_the_counters_is_archived_too() -> None:
    before = Kept()
    await before.replica.ask(DANA, "req-old")
    await before.replica.settle()
    await before.replica.deny(request_id="req-old")
    await before.until(NINE + 2 * DAY)
    one = Kept(before.world, archive=before.archive)
    await one.begin()
    await one.until(REMOVED + HOUR)
    early = await one.replica.workflows.load("req-old")
    await one.until(REMOVED + 2 * DAY)

    assert early, "its day counts from the first start on"
    assert await one.replica.workflows.load("req-old") is None
    assert [line["workflow"] for line in one.archived()] == ["req-old"]


async def test_reports_still_count_what_is_removed() -> None:
    one = Kept()
    await a_life(one)
    await one.until(REMOVED - DAY)
    before = await one.figures()
    await one.until(REMOVED)

    assert before.requests == {"revoked": 1, "denied": 1}
    assert await one.figures() == before


async def test_the_history_goes_on_without_it() -> None:
    one = await a_removed_life()
    await one.replica.ask(DANA, "req-new")
    history = History(one.world.table, one.replica.workflows)

    page = await history.page(Filter(person=DANA.object_id), 10)

    assert [head.id for head in page.heads] == ["req-new"]


async def test_each_batch_is_posted_to_the_audit_channel() -> None:
    one = await a_removed_life()

    posts = [post for post in one.world.message_sender.posts if post.head.id == WORKFLOW_ID]

    assert [post.key for post in posts] == ["audit-000001", "audit-000002"]


async def test_two_replicas_remove_each_workflow_once() -> None:
    one = Kept()
    two = Kept(one.world, archive=one.archive)
    await asyncio.gather(one.begin(), two.begin())
    await one.replica.ask(EVE, "req-two")
    await one.replica.settle()
    await one.replica.deny(ADA, "req-two")
    await one.until(REMOVED - 2 * HOUR)
    for _ in range(12):
        one.world.clock.advance(minutes=20)
        await asyncio.gather(one.replica.settle(), two.replica.settle())

    assert await one.events() == [RetentionEvent.ARCHIVED, RetentionEvent.REMOVED]
    assert (await one.verify()).is_intact
    assert len(one.archive.files) == 1


async def _lived(crash: Crash) -> Kept:
    """Let a process archive until it dies, and another one finish."""
    one = Kept(World(MemoryTable()))
    await one.begin()
    await one.replica.ask(EVE, "req-two")
    await one.replica.settle()
    await one.replica.deny(ADA, "req-two")
    await one.until(REMOVED - 2 * HOUR)
    dying = Kept(one.world, crash, one.archive)
    with suppress(Killed):
        await dying.until(REMOVED)
    after = Kept(one.world, archive=one.archive)
    await after.until(REMOVED + HOUR)
    return after


async def test_a_kill_at_any_instant_leaves_each_workflow_archived_and_removed_once() -> None:
    whole = Crash()
    await _lived(whole)

    assert whole.points
    for point in range(1, whole.points + 1):
        for when in When:
            one = await _lived(Crash(point, when))

            assert await one.events() == [RetentionEvent.ARCHIVED, RetentionEvent.REMOVED]
            assert [row.key for row in one.rows_about("req-two")] == ["sealed~req-two"]
            assert (await one.verify()).is_intact, (point, when)
            assert [line["workflow"] for line in one.archived()] == ["req-two"], (point, when)


def test_a_head_says_whether_a_day_is_begun() -> None:
    heads: Sequence[Retention] = [
        Retention(id="retention", state="waiting", due_at=NINE, part=part, start=start)  # type: ignore[arg-type]
        for part, start in ((0, 0), (1, 0), (0, 2))
    ]

    assert [head.is_amid_a_day for head in heads] == [False, True, True]
