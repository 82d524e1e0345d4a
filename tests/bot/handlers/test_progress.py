"""How a command that takes a while is answered meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.handlers.progress import MOST_UPDATES, SOON_SECONDS, ProgressMessages
from bot.turn import Card
from cards.kit.notice import notice
from cards.kit.tone import Tone
from cards.operations.progress_card import Task
from domain.phrases import phrase
from domain.refusals.exports import NothingToExport
from services.answer_time import answered_within, seconds_left
from services.progress import ProgressCount
from tests.cards.reading_cards import whole_text
from tests.support.clock import ManualClock
from tests.support.fake_turn import FakeTurn

TASK = Task("Doctor", "Checking", "doctor")
RESULT = notice("All is well.", Tone.GOOD)


def seen(card: Card) -> str:
    return whole_text(dict(card))


class Pauses:
    """A sleep that lasts until the test ends it."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self._ended = asyncio.Semaphore(0)
        self.asked: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.asked.append(seconds)
        await self._ended.acquire()
        self._clock.advance(seconds=seconds)

    async def end(self, times: int = 1) -> None:
        """End the present pause, and those after it; let whatever waited for them go on."""
        for _ in range(times):
            self._ended.release()
            await settled()


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


class Scene:
    """A task under way, in one turn."""

    def __init__(self, clock: ManualClock, turn: FakeTurn) -> None:
        self.turn = turn
        self.pauses = Pauses(clock)
        self.count = ProgressCount()
        self.finished = asyncio.Event()
        self._messages = ProgressMessages(clock, self.pauses.sleep)

    async def begin(
        self,
        ending: Callable[[], Awaitable[Card]],
        *,
        clicked: bool = False,
        if_long: bool = False,
    ) -> "asyncio.Task[None]":
        async def work(count: ProgressCount) -> Card:
            self.count = count
            await self.finished.wait()
            return await ending()

        follow = self._messages.follow_click if clicked else self._messages.follow
        if if_long:
            follow = self._messages.follow_if_long
        task = asyncio.create_task(follow(self.turn, TASK, work))
        await settled()
        return task


async def well() -> Card:
    return RESULT


async def refuse() -> Card:
    raise NothingToExport


async def fail() -> Card:
    raise RuntimeError("no table")


@pytest.fixture
def scene(clock: ManualClock) -> Scene:
    return Scene(clock, FakeTurn())


async def test_the_first_answer_comes_at_once_and_says_since_when(scene: Scene) -> None:
    task = await scene.begin(well)

    [first] = scene.turn.replies
    assert "Checking: starting" in seen(first)
    assert "Running since 09:30:00 UTC" in seen(first)

    scene.finished.set()
    await task


async def test_meanwhile_it_says_what_is_done_and_what_still_runs(scene: Scene) -> None:
    task = await scene.begin(well)
    scene.count.expect(9)
    with scene.count.part(phrase("Tables")):
        pass
    with scene.count.part(phrase("Teams")):
        await scene.pauses.end()

    [(message, shown)] = scene.turn.updated
    assert message == "reply-1"
    assert "Checking: 1 of 9 done" in seen(shown)
    assert "Now running Teams" in seen(shown)
    assert "Last updated 09:30:02 UTC" in seen(shown)

    scene.finished.set()
    await task


async def test_the_result_takes_the_place_of_the_progress(scene: Scene) -> None:
    task = await scene.begin(well)
    scene.finished.set()
    await task
    await scene.pauses.end(3)

    assert scene.turn.updated == [("reply-1", RESULT)]
    assert len(scene.turn.replies) == 1


async def test_the_work_of_a_click_is_followed_in_the_clicked_message(clock: ManualClock) -> None:
    turn = FakeTurn(clicked_id="clicked-1")
    scene = Scene(clock, turn)
    task = await scene.begin(well, clicked=True)
    scene.count.expect(9)
    await scene.pauses.end()
    scene.finished.set()
    await task

    where, cards = zip(*turn.updated, strict=True)
    assert set(where) == {"clicked-1"}
    assert "Checking: starting" in seen(cards[0])
    assert "Checking: 0 of 9 done" in seen(cards[1])
    assert cards[2:] == (RESULT,)
    assert turn.shown == [RESULT]
    assert turn.replies == []


async def test_a_click_gets_its_result_even_if_teams_takes_no_update(clock: ManualClock) -> None:
    turn = FakeTurn(clicked_id="clicked-1", takes_updates=False)
    scene = Scene(clock, turn)
    task = await scene.begin(well, clicked=True)
    scene.finished.set()
    await task

    assert turn.shown == [RESULT]


async def test_updates_become_rare_and_end_however_long_it_takes(scene: Scene) -> None:
    task = await scene.begin(well)
    await scene.pauses.end(MOST_UPDATES + 5)

    assert len(scene.turn.updated) == MOST_UPDATES
    assert scene.pauses.asked[:6] == [2, 2, 4, 8, 15, 30]
    assert min(scene.pauses.asked) == 2
    assert max(scene.pauses.asked) == 30

    scene.finished.set()
    await task
    assert scene.turn.updated[-1] == ("reply-1", RESULT)


async def test_an_update_on_its_way_does_not_overtake_the_result(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, landed = asyncio.Event(), list[Card]()

    async def update(message_id: str, card: Card) -> bool:
        del message_id
        if card != RESULT:
            await taken.wait()
        landed.append(card)
        return True

    monkeypatch.setattr(scene.turn, "update", update)
    task = await scene.begin(well)
    await scene.pauses.end()
    scene.finished.set()
    await settled()
    taken.set()
    await task

    assert len(landed) == 2
    assert landed[-1] == RESULT


async def test_a_result_that_could_not_be_put_there_is_a_new_message(scene: Scene) -> None:
    scene.turn.takes_updates = False
    task = await scene.begin(well)
    scene.finished.set()
    await task

    assert scene.turn.replies[-1] == RESULT


async def test_after_an_update_of_unknown_outcome_the_result_is_a_new_message_too(
    scene: Scene,
) -> None:
    task = await scene.begin(well)
    scene.turn.takes_updates = False
    await scene.pauses.end()
    scene.turn.takes_updates = True
    scene.finished.set()
    await task

    assert scene.turn.updated[-1] == ("reply-1", RESULT)
    assert scene.turn.replies[-1] == RESULT


async def test_a_refusal_is_shown_in_place(scene: Scene) -> None:
    task = await scene.begin(refuse)
    scene.finished.set()
    await task

    [(_, shown)] = scene.turn.updated
    assert "There's nothing to export" in seen(shown)


async def test_an_error_leaves_no_card_that_says_running(scene: Scene) -> None:
    task = await scene.begin(fail)
    scene.finished.set()
    with pytest.raises(RuntimeError):
        await task

    [(_, shown)] = scene.turn.updated
    assert seen(shown) == "Doctor stopped with an error and wasn't finished."


async def test_a_command_that_was_killed_says_how_to_tell_and_what_to_type(scene: Scene) -> None:
    task = await scene.begin(well)
    await scene.pauses.end()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await scene.pauses.end(5)

    [(_, left)] = scene.turn.updated
    assert (
        "If the last update was more than a minute ago, this was interrupted. Then type again: "
        "doctor"
    ) in seen(left)


async def test_what_is_done_soon_is_the_only_answer(scene: Scene) -> None:
    task = await scene.begin(well, if_long=True)
    before = [*scene.turn.replies]
    scene.finished.set()
    await task
    await scene.pauses.end(3)

    assert before == []
    assert (scene.turn.replies, scene.turn.updated) == ([RESULT], [])


async def test_what_takes_a_while_says_so_soon_and_is_updated_until_it_is_done(
    scene: Scene,
) -> None:
    task = await scene.begin(well, if_long=True)
    await scene.pauses.end()
    [first] = scene.turn.replies
    scene.finished.set()
    await task

    assert scene.pauses.asked[0] == SOON_SECONDS
    assert "Checking: starting" in seen(first)
    assert "Running since 09:30:00 UTC" in seen(first)
    assert scene.turn.updated == [("reply-1", RESULT)]
    assert len(scene.turn.replies) == 1


async def test_a_refusal_that_comes_soon_is_raised(scene: Scene) -> None:
    task = await scene.begin(refuse, if_long=True)
    scene.finished.set()

    with pytest.raises(NothingToExport):
        await task

    assert scene.turn.replies == []


async def test_a_refusal_after_a_while_takes_the_place_of_the_progress(scene: Scene) -> None:
    task = await scene.begin(refuse, if_long=True)
    await scene.pauses.end()
    scene.finished.set()
    await task

    [(message, shown)] = scene.turn.updated
    assert message == "reply-1"
    assert "nothing" in seen(shown).lower()


async def test_work_is_limited_like_its_turn_until_it_says_how_far_it_is(scene: Scene) -> None:
    left: list[float | None] = []

    async def look() -> Card:
        left.append(seconds_left())
        return RESULT

    with answered_within(60):
        soon = await scene.begin(look, if_long=True)
        scene.finished.set()
        await soon
        scene.finished.clear()
        late = await scene.begin(look, if_long=True)
        await scene.pauses.end()
        scene.finished.set()
        await late

    assert left[0] is not None
    assert left[1] is None
