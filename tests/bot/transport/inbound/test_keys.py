"""Signing keys roll over, and their server fails: genuine messages still get through."""

from tests.bot.edge import DANA, Clock
from tests.support.teams import Teams, a_message


async def test_keys_are_fetched_once_for_many_messages(edge: Teams) -> None:
    answers = [await edge.deliver(a_message("help", DANA)) for _ in range(5)]

    assert answers == [(200, None)] * 5
    assert edge.mint.fetches == 1


async def test_a_key_rollover_is_handled(edge: Teams, clock: Clock) -> None:
    await edge.deliver(a_message("help", DANA))
    clock.advance(minutes=1)
    edge.mint.roll()

    assert await edge.deliver(a_message("help", DANA)) == (200, None)


async def test_a_second_rollover_is_handled_within_a_minute(edge: Teams, clock: Clock) -> None:
    await edge.deliver(a_message("help", DANA))
    edge.mint.roll()
    too_soon, _ = await edge.deliver(a_message("help", DANA))

    clock.advance(minutes=1)

    assert too_soon == 401
    assert await edge.deliver(a_message("help", DANA)) == (200, None)


async def test_a_token_of_a_withdrawn_key_is_refused_even_if_it_was_valid_before(
    edge: Teams, clock: Clock
) -> None:
    old = edge.mint.token()
    await edge.deliver(a_message("help", DANA), old)
    clock.advance(minutes=1)
    edge.mint.roll()
    await edge.deliver(a_message("help", DANA))

    status, _ = await edge.deliver(a_message("help", DANA), old)

    assert status == 401


async def test_made_up_key_ids_do_not_cause_a_fetch_storm(edge: Teams) -> None:
    await edge.deliver(a_message("help", DANA))

    for number in range(20):
        await edge.deliver(a_message("help", DANA), edge.mint.token(kid=f"made-up-{number}"))

    assert edge.mint.fetches == 1


async def test_keys_are_fetched_again_after_a_day(edge: Teams, clock: Clock) -> None:
    await edge.deliver(a_message("help", DANA))

    clock.advance(hours=24)
    await edge.deliver(a_message("help", DANA))

    assert edge.mint.fetches == 2


async def test_stale_keys_are_used_while_no_others_are_available(edge: Teams, clock: Clock) -> None:
    await edge.deliver(a_message("help", DANA))
    edge.mint.reachable = False

    clock.advance(hours=30)

    assert await edge.deliver(a_message("help", DANA)) == (200, None)


async def test_without_any_keys_the_sender_is_asked_to_retry(edge: Teams, clock: Clock) -> None:
    edge.mint.reachable = False
    unavailable = await edge.deliver(a_message("help", DANA))

    edge.mint.reachable = True
    clock.advance(seconds=5)

    assert unavailable == (503, {"error": "the signing keys are unavailable, try again"})
    assert await edge.deliver(a_message("help", DANA)) == (200, None)
