"""What was read without a grant, according to the vaults' log."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.access.assignment import Assignment
from domain.access.grant import AzureAnswer
from domain.access.reads import LogSpan, Read, ReadsUnknown, SecretOfVault
from domain.audit.access_review import Period
from domain.audit.figures import Figures
from domain.audit.outside_reads import OutsideReader, OutsideReads
from domain.audit.report import Report, summarise
from domain.people import Person
from services.access.reads import every_read
from services.audit import outside_reads
from services.audit.history import History
from services.audit.outside_reads import ReadsOutsideGrants
from services.faults import NotPermitted
from services.people.directory import Directory
from services.progress import ProgressCount
from tests.support.builders import (
    ADA,
    DANA,
    EVE,
    HOUR,
    MINUTE,
    OTHER_SECRET,
    ROLE,
    SECRET,
    VAULT,
)
from tests.support.clock import NINE
from tests.support.fake_read_log import FakeReadLog
from tests.support.replica import Replica, World

HERE = SecretOfVault(VAULT.resource_id, SECRET)
THERE = SecretOfVault(VAULT.resource_id, OTHER_SECRET)
BOT_APP = "40000000-0000-4000-8000-000000000001"
OTHER_APP = "40000000-0000-4000-8000-000000000002"


COUNT = ProgressCount()


class Stage:
    """A deployment whose Dana had access from nine to ten, and the log of its vault."""

    def __init__(self) -> None:
        self.replica = Replica(World())
        self.clock = self.replica.clock
        self.log = FakeReadLog(self.clock)

    async def let_dana_read(self) -> None:
        await self.replica.ask(DANA, "req-one")
        await self.replica.access.approve(ADA, "req-one")
        await self.replica.settle()
        await self.replica.pass_time(HOUR)
        await self.replica.settle()

    def note(
        self, at: datetime, caller: str = DANA.object_id, application: str = "", **changes: Any
    ) -> None:
        usual: dict[str, Any] = {"place": HERE, "version": "v1"}
        self.log.note(Read(at=at, caller=caller, **(usual | changes)), application)

    async def found(self, secret: str | None = None) -> Any:
        return await self.reads().of(self.a_report(secret))

    async def every_one(self) -> Any:
        return await self.reads().all_of(LogSpan(NINE - 24 * HOUR, self.clock()), None, COUNT)

    def reads(self) -> ReadsOutsideGrants:
        world = self.replica.world
        return ReadsOutsideGrants(
            self.log,
            world.policies,
            world.secrets,
            History(world.store, self.replica.workflows),
            Directory([world.people], self.clock),
            self.clock,
            {BOT_APP},
        )

    def a_report(self, secret: str | None) -> Report:
        asked = Period(NINE - 24 * HOUR, self.clock())
        return summarise(Figures(), asked=asked, secret=secret, stuck=0, aged=())


def shown(readers: tuple[OutsideReader, ...]) -> list[tuple[str, str, int]]:
    return [
        (one.person.name if one.person else one.application, one.secret, one.count)
        for one in readers
    ]


async def test_reads_under_a_grant_are_left_out_and_others_are_counted() -> None:
    stage = Stage()
    await stage.let_dana_read()
    stage.note(NINE + 5 * MINUTE)
    stage.note(NINE + HOUR + 5 * MINUTE)  # Azure may not have applied the end yet
    stage.note(NINE - 5 * HOUR)
    stage.note(NINE + 5 * MINUTE, place=THERE)
    stage.note(NINE + 5 * MINUTE, EVE.object_id)
    stage.note(NINE + 6 * MINUTE, EVE.object_id)
    stage.clock.advance(hours=2)

    found = await stage.found()

    assert isinstance(found, OutsideReads)
    assert shown(found.people) == [
        ("Eve Engineer", SECRET, 2),
        ("Dana Developer", OTHER_SECRET, 1),
        ("Dana Developer", SECRET, 1),
    ]
    assert found.people[2].first == NINE - 5 * HOUR
    assert found.applications == ()


async def test_what_latchkeys_own_assignment_allowed_was_under_a_grant() -> None:
    stage = Stage()
    await stage.let_dana_read()
    own = Assignment(VAULT.resource_id, DANA.object_id, ROLE).id
    stage.note(NINE + 5 * MINUTE, place=THERE, assignment=own)
    stage.note(NINE + 6 * MINUTE, place=THERE, assignment=VAULT.resource_id + "/other")

    found = await stage.found()

    assert shown(found.people) == [("Dana Developer", OTHER_SECRET, 1)]


async def test_applications_are_apart_and_latchkey_is_known_as_itself() -> None:
    stage = Stage()
    stage.note(NINE - HOUR, "app-id", OTHER_APP)
    stage.note(NINE - 2 * HOUR, "app-id", OTHER_APP)
    stage.note(NINE - HOUR, "bot-id", BOT_APP)

    found = await stage.found()

    assert found.people == ()
    assert shown(found.applications) == [(OTHER_APP, SECRET, 2), (BOT_APP, SECRET, 1)]
    assert [one.is_latchkey for one in found.applications] == [False, True]


async def test_a_report_about_a_secret_asks_about_that_one() -> None:
    stage = Stage()
    stage.note(NINE - HOUR, place=THERE)
    stage.note(NINE - HOUR)

    found = await stage.found(SECRET)

    assert shown(found.people) == [("Dana Developer", SECRET, 1)]


async def test_someone_whom_the_directory_does_not_know_is_shown_by_object_id() -> None:
    stage = Stage()
    stage.note(NINE - HOUR, "somebody-else")

    found = await stage.found()

    assert found.people[0].person == Person("somebody-else", "somebody-else")


async def test_it_says_what_the_log_cannot_show() -> None:
    stage = Stage()

    found = await stage.found()

    assert found.silent == (VAULT.name,)
    assert found.known_until == stage.clock() - timedelta(minutes=15)
    assert found.span == LogSpan(datetime(2026, 3, 1, tzinfo=NINE.tzinfo), NINE)


async def test_a_log_that_refuses_is_said_to() -> None:
    stage = Stage()
    stage.log.faults.order("readers", NotPermitted("Log Analytics", "no", status=403, code="No"))

    assert await stage.found() == ReadsUnknown(AzureAnswer(403, "No"))


async def test_the_reads_of_people_are_listed_one_by_one_newest_first() -> None:
    stage = Stage()
    await stage.let_dana_read()
    stage.note(NINE + 5 * MINUTE)  # under the grant
    stage.note(NINE - 5 * HOUR)
    stage.note(NINE - 4 * HOUR, EVE.object_id, operation="SecretBackup", assignment="role-1")
    stage.note(NINE - 3 * HOUR, EVE.object_id, place=THERE)
    stage.note(NINE - HOUR, "app-id", OTHER_APP)
    stage.clock.advance(hours=2)

    found = await stage.found()

    assert [
        (one.at, one.person and one.person.name, one.secret, one.operation, one.assignment)
        for one in found.reads
    ] == [
        (NINE - 3 * HOUR, "Eve Engineer", OTHER_SECRET, "SecretGet", ""),
        (NINE - 4 * HOUR, "Eve Engineer", SECRET, "SecretBackup", "role-1"),
        (NINE - 5 * HOUR, "Dana Developer", SECRET, "SecretGet", ""),
    ]
    assert found.count == 3


async def test_more_reads_than_are_listed_are_counted_and_all_of_them_are_there_for_a_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outside_reads, "MOST_LISTED", 2)
    monkeypatch.setattr(every_read, "PAGE", 3)
    stage = Stage()
    await stage.let_dana_read()
    stage.note(NINE + 5 * MINUTE)  # under the grant
    for minutes in range(5):
        stage.note(NINE - HOUR + minutes * MINUTE, EVE.object_id)
    stage.note(NINE - 3 * HOUR, "app-id", OTHER_APP)
    stage.note(NINE - 4 * HOUR, "bot-id", BOT_APP)

    shown = await stage.found()
    whole = await stage.every_one()

    assert (shown.count, len(shown.reads), shown.is_whole) == (5, 2, True)
    assert [one.at for one in whole.reads] == [
        *(NINE - HOUR + minutes * MINUTE for minutes in (4, 3, 2, 1, 0)),
        NINE - 3 * HOUR,
        NINE - 4 * HOUR,
    ]
    assert [(one.application, one.is_latchkey) for one in whole.reads[5:]] == [
        (OTHER_APP, False),
        (BOT_APP, True),
    ]
    assert whole.is_whole


async def test_without_any_read_there_is_nothing_to_page_through() -> None:
    found = await Stage().every_one()

    assert (found.reads, found.silent) == ((), (VAULT.name,))


async def test_an_incomplete_answer_is_known_as_one() -> None:
    stage = Stage()
    stage.note(NINE - HOUR, EVE.object_id)
    stage.log.is_partial = True

    assert (await stage.found()).is_partial


async def test_a_log_that_refuses_gives_no_file_either() -> None:
    stage = Stage()
    stage.log.faults.order("readers", NotPermitted("Log Analytics", "no", status=403, code="No"))

    assert await stage.every_one() == ReadsUnknown(AzureAnswer(403, "No"))
