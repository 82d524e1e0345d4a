"""A policy file that changes while Latchkey runs."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from domain.policy_file.file import WORKFLOW_ID
from domain.refusals.decisions import NoLongerRequestable
from services.faults import Unavailable
from tests.services.policy_file.watched import Watched
from tests.support.builders import policies
from tests.support.replica import Replica, World


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "policy.toml"
    file.write_text("first", encoding="utf-8")
    return file


async def test_a_changed_file_takes_effect_at_once_and_is_announced(
    file: Path,
) -> None:
    watched = Watched(file)
    await watched.watch.check()

    await watched.see("second")

    assert watched.requestable() == ["second"]
    assert await watched.replica.event_kinds(WORKFLOW_ID) == ["policy_adopted", "policy_adopted"]
    assert watched.posted() == ["policy-000001", "policy-000002"]


async def test_a_change_seen_once_may_be_half_a_file_and_does_not_count(file: Path) -> None:
    watched = Watched(file)

    watched.write("sec")
    await watched.watch.check()
    half = watched.requestable()
    await watched.see("second")

    assert half == ["first"]
    assert watched.requestable() == ["second"]


async def test_an_invalid_file_is_refused_with_a_message_and_the_old_rules_stay(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    watched = Watched(file)

    await watched.see("second !")

    assert watched.requestable() == ["first"]
    (error,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "line 1: one fault" in error.getMessage()
    assert "line 2: another" in error.getMessage()
    assert (await watched.replica.events(WORKFLOW_ID))[-1].facts["count"] == 2
    assert [*map(str, watched.watch.notes())][1:] == ["line 1: one fault", "line 2: another"]


async def test_a_fixed_file_takes_effect_and_clears_the_note(file: Path) -> None:
    watched = Watched(file)
    await watched.see("second !")

    await watched.see("third")

    assert watched.requestable() == ["third"]
    assert list(watched.watch.notes()) == []
    assert await watched.replica.event_kinds(WORKFLOW_ID) == [
        "policy_adopted",
        "policy_refused",
        "policy_adopted",
    ]


async def test_a_missing_file_removes_no_rules(file: Path) -> None:
    watched = Watched(file)

    await watched.lose()

    assert watched.requestable() == ["first"]
    assert "can't be read: No such file or directory" in str(watched.watch.notes()[1])


async def test_touching_the_file_is_not_a_change(file: Path) -> None:
    watched = Watched(file)
    await watched.see("first")

    await watched.see("first")

    assert watched.posted() == ["policy-000001"]


async def test_a_refused_file_is_announced_once_however_often_it_is_read(file: Path) -> None:
    watched = Watched(file)
    await watched.see("!")

    for _ in range(3):
        await watched.watch.check()
    await watched.replica.settle()

    assert watched.posted() == ["policy-000001", "policy-000002"]


async def test_only_one_of_two_replicas_announces_a_change(file: Path) -> None:
    world = World(rules=policies("first"))
    one, other = Watched(file, world), Watched(file, world)
    await one.watch.check()
    await other.watch.check()

    await one.see("second")
    await other.see("second")

    assert one.posted() == ["policy-000001", "policy-000002"]


async def test_a_change_made_while_latchkey_was_down_is_announced_when_it_is_back(
    file: Path,
) -> None:
    world = World(rules=policies("first"))
    await Watched(file, world).see("first")

    later = Watched(file, world)
    later.write("second")
    await later.see("second")

    assert len(await Replica(world).events(WORKFLOW_ID)) == 2


async def test_schedules_follow_each_change_even_after_a_table_error(
    file: Path,
) -> None:
    watched = Watched(file)
    await watched.watch.check()
    follow, watched.follow = watched.follow, _unavailable

    with pytest.raises(Unavailable):
        await watched.see("second")
    watched.follow = follow
    await watched.watch.check()

    assert watched.followed == 2


async def _unavailable() -> None:
    raise Unavailable("Tables", "down")


class Rounds:
    """A sleep that takes no time; after this many calls the caller is cancelled."""

    def __init__(self, most: int, before_each: Callable[[int], None]) -> None:
        self.slept: list[float] = []
        self._most = most
        self._before_each = before_each

    async def sleep(self, seconds: float) -> None:
        if len(self.slept) == self._most:
            raise asyncio.CancelledError
        self.slept.append(seconds)
        self._before_each(len(self.slept))


async def test_it_checks_every_five_seconds_until_cancelled(
    file: Path,
) -> None:
    watched = Watched(file)

    def change(number: int) -> None:
        if number == 3:
            watched.write("second")

    rounds = Rounds(4, change)
    with pytest.raises(asyncio.CancelledError):
        await watched.watch.run(rounds.sleep)

    assert rounds.slept == [5.0] * 4
    assert watched.requestable() == ["second"]


@pytest.mark.parametrize("fault", [Unavailable("Tables", "down"), RuntimeError("a surprise")])
async def test_no_error_stops_it_from_checking_again(
    file: Path, caplog: pytest.LogCaptureFixture, fault: Exception
) -> None:
    watched = Watched(file)
    follow = watched.follow

    async def fail() -> None:
        watched.follow = follow
        raise fault

    watched.follow = fail
    rounds = Rounds(2, lambda _: None)
    with pytest.raises(asyncio.CancelledError):
        await watched.watch.run(rounds.sleep)

    assert watched.followed == 1
    assert str(fault) in caplog.text
    assert await watched.replica.event_kinds(WORKFLOW_ID) == ["policy_adopted"]


async def test_an_open_request_cannot_be_approved_against_the_current_rules(file: Path) -> None:
    watched = Watched(file, World(rules=policies("demo-api-key")))
    await watched.replica.ask()

    await watched.see("other")
    with pytest.raises(NoLongerRequestable):
        await watched.replica.approve()

    assert await watched.replica.event_kinds() == ["requested", "not_allowed_now"]
    assert watched.requestable() == ["other"]
