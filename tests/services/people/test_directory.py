"""Looking up the configured approvers."""

import asyncio
from dataclasses import replace

import pytest

from domain.people import Person
from services.answer_time import answered_within, seconds_left
from services.faults import (
    AccountDisabled,
    LookUpNotPermitted,
    NotPermitted,
    Rejected,
    Unavailable,
)
from services.people.directory import FRESH, LONGEST, Directory
from tests.support.azure_fakes import FakePeople
from tests.support.builders import ADA, BO, email_of, in_directory
from tests.support.clock import ManualClock
from tests.support.processes import virtual_time

DOWN = Unavailable("Microsoft Graph", "503")
NOT_LET = NotPermitted("Microsoft Graph", "403 Authorization_RequestDenied", status=403)
NOBODY = "00000000-0000-4000-8000-00000000dead"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


async def test_people_are_found_in_the_configured_order(clock: ManualClock) -> None:
    directory = Directory([FakePeople(in_directory(ADA), in_directory(BO))], clock)

    found = await directory.find_all([email_of(BO), ADA.object_id])

    assert (in_directory(BO), in_directory(ADA)) == found


async def test_someone_named_twice_is_found_once(clock: ManualClock) -> None:
    directory = Directory([FakePeople(in_directory(ADA))], clock)

    assert (in_directory(ADA),) == await directory.find_all([email_of(ADA), ADA.object_id])


async def test_unknown_people_are_left_out(clock: ManualClock) -> None:
    directory = Directory([FakePeople(in_directory(ADA))], clock)

    found = await directory.find_all(["gone@contoso.example", email_of(ADA), NOBODY])

    assert (in_directory(ADA),) == found


async def test_the_first_source_that_knows_someone_answers(clock: ManualClock) -> None:
    of_teams = Person(ADA.object_id, "Ada as Teams has her", email_of(ADA))
    directory = Directory([FakePeople(), FakePeople(of_teams)], clock)

    assert await directory.find(email_of(ADA)) == of_teams


async def test_if_a_source_fails_the_others_are_asked(clock: ManualClock) -> None:
    failing = FakePeople()
    failing.faults.order("find", DOWN)
    directory = Directory([failing, FakePeople(in_directory(ADA))], clock)

    assert in_directory(ADA) == await directory.find(email_of(ADA))


class _Silent:
    """A source that never answers, and counts those who wait for it at the same time."""

    def __init__(self) -> None:
        self.waiting = 0
        self.most = 0

    async def find(self, _: str) -> Person | None:
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        try:
            await asyncio.Event().wait()
        finally:
            self.waiting -= 1
        return None


def test_a_source_that_hangs_leaves_a_turn_time_for_the_others(clock: ManualClock) -> None:
    directory = Directory([_Silent(), FakePeople(in_directory(ADA))], clock)

    async def look_up() -> tuple[Person | None, float | None]:
        with answered_within(8):
            return await directory.find(email_of(ADA)), seconds_left()

    assert virtual_time.run(look_up()) == (in_directory(ADA), 4)


def test_several_people_wait_for_a_source_that_hangs_at_the_same_time(
    clock: ManualClock,
) -> None:
    silent = _Silent()
    directory = Directory([silent, FakePeople(in_directory(BO), in_directory(ADA))], clock)

    async def look_up() -> tuple[Person, ...]:
        with answered_within(8):
            return await directory.find_all([email_of(ADA), email_of(BO)])

    assert virtual_time.run(look_up()) == (in_directory(ADA), in_directory(BO))
    assert silent.most == 2


async def test_an_object_id_is_trusted_if_no_source_answers(clock: ManualClock) -> None:
    failing = FakePeople()
    failing.faults.order("find", DOWN, times=2)
    directory = Directory([failing], clock)

    nobody = Person(NOBODY, NOBODY.upper(), guest=None)
    assert await directory.find(NOBODY.upper()) == nobody
    with pytest.raises(Unavailable):
        await directory.find("ada@contoso.example")


async def test_an_object_id_is_trusted_even_if_the_team_does_not_know_it(
    clock: ManualClock,
) -> None:
    failing = FakePeople()
    failing.faults.order("find", DOWN)
    directory = Directory([failing, FakePeople(in_directory(ADA))], clock)

    assert await directory.find(NOBODY) == Person(NOBODY, NOBODY, guest=None)


async def test_a_trusted_object_id_is_looked_up_again_as_soon_as_possible(
    clock: ManualClock,
) -> None:
    source = FakePeople(in_directory(ADA))
    source.faults.order("find", DOWN)
    directory = Directory([source], clock)
    await directory.find(ADA.object_id)

    assert in_directory(ADA) == await directory.find(ADA.object_id)


async def test_during_an_outage_a_persons_own_chat_says_who_they_are(clock: ManualClock) -> None:
    guest = replace(in_directory(ADA), guest=True)
    source = FakePeople()
    source.faults.order("find", DOWN)
    directory = Directory([source], clock, FakePeople(guest))

    assert await directory.find(ADA.object_id) == guest


async def test_while_the_directory_answers_a_chat_does_not_bring_back_someone_who_left(
    clock: ManualClock,
) -> None:
    directory = Directory([FakePeople()], clock, FakePeople(in_directory(ADA)))

    assert await directory.find(ADA.object_id) is None


async def test_a_failing_chat_lookup_is_not_another_error(clock: ManualClock) -> None:
    source, chats = FakePeople(), FakePeople()
    source.faults.order("find", DOWN)
    chats.faults.order("find", DOWN)

    found = await Directory([source], clock, chats).find(NOBODY)

    assert found == Person(NOBODY, NOBODY, guest=None)


async def test_an_outage_that_leaves_no_one_is_an_error(clock: ManualClock) -> None:
    failing = FakePeople(in_directory(ADA))
    failing.faults.order("find", DOWN)
    directory = Directory([failing], clock)

    with pytest.raises(Unavailable):
        await directory.find_all([email_of(ADA)])


async def test_an_outage_only_hides_people_it_affects(clock: ManualClock) -> None:
    failing = FakePeople(in_directory(ADA), in_directory(BO))
    failing.faults.order("find", DOWN)
    directory = Directory([failing], clock)

    assert (in_directory(BO),) == await directory.find_all([email_of(ADA), email_of(BO)])


async def test_known_people_stay_known_during_an_outage(clock: ManualClock) -> None:
    source = FakePeople(in_directory(ADA))
    directory = Directory([source], clock)
    await directory.find(email_of(ADA))
    source.faults.order("find", DOWN)

    clock.advance(FRESH)

    assert in_directory(ADA) == await directory.find(email_of(ADA))


async def test_an_answer_is_cached_for_ten_minutes(clock: ManualClock) -> None:
    source = FakePeople(in_directory(ADA))
    directory = Directory([source], clock)
    await directory.find(email_of(ADA))
    source.disable(in_directory(ADA))

    clock.advance(FRESH, microseconds=-1)
    remembered = await directory.find(email_of(ADA).upper())
    clock.advance(microseconds=1)
    asked_again = await directory.find(email_of(ADA))

    assert in_directory(ADA) == remembered
    assert asked_again is None
    assert source.asked == [email_of(ADA)] * 2


async def test_unknown_people_are_never_cached(clock: ManualClock) -> None:
    source = FakePeople(in_directory(ADA))
    source.faults.order("find", Rejected("Graph", "400"))
    directory = Directory([source], clock)

    assert await directory.find(email_of(ADA)) is None
    assert in_directory(ADA) == await directory.find(email_of(ADA))


async def test_a_disabled_account_is_left_out_even_if_the_team_still_has_it(
    clock: ManualClock,
) -> None:
    graph = FakePeople()
    graph.faults.order("find", AccountDisabled("Microsoft Graph", "disabled"))
    directory = Directory([graph, FakePeople(in_directory(ADA))], clock)

    assert await directory.find(email_of(ADA)) is None


async def test_whether_someone_left_is_not_cached(clock: ManualClock) -> None:
    source = FakePeople(in_directory(ADA))
    directory = Directory([source], clock)
    await directory.find(ADA.object_id)
    before = await directory.is_gone(ADA.object_id)
    source.disable(in_directory(ADA))

    assert (before, await directory.is_gone(ADA.object_id)) == (False, True)


async def test_a_directory_outage_does_not_mean_someone_left(clock: ManualClock) -> None:
    source = FakePeople()
    source.faults.order("find", DOWN)

    assert not await Directory([source], clock).is_gone(ADA.object_id)


async def test_who_someone_is_now_is_not_cached(clock: ManualClock) -> None:
    source = FakePeople(in_directory(ADA))
    directory = Directory([source], clock)
    before = await directory.find_now(ADA.object_id)
    source.disable(in_directory(ADA))

    assert (before, await directory.find_now(ADA.object_id)) == (in_directory(ADA), None)


async def test_without_an_answer_no_one_is_found_now(clock: ManualClock) -> None:
    source = FakePeople(in_directory(ADA))
    directory = Directory([source], clock, FakePeople(in_directory(ADA)))
    await directory.find(ADA.object_id)
    source.faults.order("find", DOWN)

    assert await directory.find_now(ADA.object_id) is None


async def test_someone_teams_still_shows_in_their_chat_has_not_left(clock: ManualClock) -> None:
    directory = Directory([FakePeople()], clock, FakePeople(in_directory(ADA)))

    assert not await directory.is_gone(ADA.object_id)
    assert await directory.is_gone(BO.object_id)


async def test_a_disabled_account_counts_as_gone_even_if_teams_still_shows_it(
    clock: ManualClock,
) -> None:
    source = FakePeople(in_directory(ADA))
    source.disable(in_directory(ADA))
    directory = Directory([source], clock, FakePeople(in_directory(ADA)))

    assert await directory.is_gone(ADA.object_id)


async def test_earlier_answers_about_someone_who_is_gone_are_not_given_again(
    clock: ManualClock,
) -> None:
    source = FakePeople(in_directory(ADA), in_directory(BO))
    directory = Directory([source], clock)
    await directory.find_all((email_of(ADA), ADA.object_id, email_of(BO)))
    source.disable(in_directory(ADA))

    await directory.is_gone(BO.object_id)
    before = await directory.find_all((email_of(ADA), ADA.object_id, email_of(BO)))
    await directory.is_gone(ADA.object_id)
    found = await directory.find_all((email_of(ADA), ADA.object_id, email_of(BO)))

    assert before == (in_directory(ADA), in_directory(BO))
    assert found == (in_directory(BO),)


async def test_a_look_up_that_is_not_permitted_is_told_from_an_outage(clock: ManualClock) -> None:
    not_let, down = FakePeople(), FakePeople()
    not_let.faults.order("find", NOT_LET)
    down.faults.order("find", DOWN)

    with pytest.raises(LookUpNotPermitted, match="403"):
        await Directory([not_let, FakePeople()], clock).find("ada@contoso.example")
    with pytest.raises(Unavailable) as outage:
        await Directory([down, FakePeople()], clock).find("ada@contoso.example")
    assert not isinstance(outage.value, LookUpNotPermitted)


async def test_nobody_is_asked_about_a_name_longer_than_any_address(clock: ManualClock) -> None:
    source = FakePeople()
    source.faults.order("find", DOWN)
    directory = Directory([source], clock)

    assert await directory.find("e" * LONGEST + "@") is None
    with pytest.raises(Unavailable):
        await directory.find("e" * (LONGEST - 1) + "@")
