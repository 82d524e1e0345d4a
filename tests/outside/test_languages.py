"""Who reads in which language: everybody in their own, and the audit channel in its own."""

from dataclasses import replace

import pytest

from cards.kit import verbs
from cards.languages.language import LANGUAGES
from tests.cards.languages.wide import WIDE
from tests.outside.scenarios import ASKED, correlation_id, granted
from tests.support.deployment import AVERY, DANA
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.reading import buttons
from tests.support.teams import Person, a_channel

pytestmark = pytest.mark.in_memory

DANA_DE = replace(DANA, locale="de-DE")
AVERY_EN = replace(AVERY, locale="en-GB")


@pytest.fixture(autouse=True)
def wide_german(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let German be English in wide letters."""
    monkeypatch.setitem(LANGUAGES, "de", WIDE)


def is_wide(seen: Seen) -> bool:
    """Return whether texts of ours are in wide letters."""
    return any("\uff01" <= letter <= "\uff5e" for letter in seen.words)


def title_of(seen: Seen, verb: str) -> str:
    """Return the title of a card's button, whatever its language; empty if it isn't there."""
    found = (title for title, action in buttons(seen.card).items() if action.get("verb") == verb)
    return next(found, "")


def asked(bot: Latchkey, person: Person) -> Seen:
    """Return the latest message on which a person can approve."""
    return [seen for seen in bot.sent_to(person) if title_of(seen, verbs.APPROVE)][-1]


async def test_a_person_is_answered_in_the_language_of_their_teams(latchkey: Latchkey) -> None:
    in_german = await latchkey.say(DANA_DE, ASKED)
    in_english = await latchkey.say(DANA, ASKED)

    assert is_wide(in_german)
    assert not is_wide(in_english)


async def test_everybody_reads_what_others_caused_in_their_own_language(
    latchkey: Latchkey,
) -> None:
    await latchkey.say(AVERY_EN, "help")
    await latchkey.say(DANA_DE, ASKED)
    await latchkey.tick()
    await latchkey.click(AVERY_EN, asked(latchkey, AVERY), "Approve")
    await latchkey.tick()

    assert [is_wide(seen) for seen in latchkey.sent_to(DANA)] == [True] * 2
    assert not any(is_wide(seen) for seen in latchkey.sent_to(AVERY))
    assert len(latchkey.audit()) == 3
    assert not any(is_wide(seen) for seen in latchkey.audit())


async def test_a_german_approver_of_an_english_requester_reads_german(latchkey: Latchkey) -> None:
    avery_de = replace(AVERY, locale="de-AT")
    await latchkey.say(avery_de, "help")
    await latchkey.say(DANA, ASKED)
    await latchkey.tick()
    card = asked(latchkey, AVERY)
    decided = await latchkey.click(avery_de, card, title_of(card, verbs.APPROVE))
    await latchkey.tick()

    assert is_wide(card)
    assert is_wide(decided)
    assert not any(is_wide(seen) for seen in latchkey.sent_to(DANA))


async def test_whoever_only_clicks_is_written_to_in_their_language_from_then_on(
    latchkey: Latchkey,
) -> None:
    await latchkey.say(DANA, ASKED)
    await latchkey.tick()
    card = asked(latchkey, AVERY)
    await latchkey.click(replace(AVERY, locale="de-DE"), card, title_of(card, verbs.APPROVE))
    await latchkey.tick()

    [updated] = [seen for seen in latchkey.sent_to(AVERY) if seen.id == card.id]

    assert not is_wide(card)
    assert is_wide(updated)


async def test_the_audit_channel_has_the_language_of_the_setting(latchkey: Latchkey) -> None:
    await latchkey.restart(AUDIT_LANGUAGE="de")
    await latchkey.say(DANA, ASKED)
    await latchkey.tick()
    never_heard_of = latchkey.sent_to(AVERY)

    assert [is_wide(seen) for seen in latchkey.audit()] == [True]
    assert [is_wide(seen) for seen in never_heard_of] == [True]
    assert not any(is_wide(seen) for seen in latchkey.sent_to(DANA))


async def test_a_channel_is_told_in_one_language_and_answered_in_the_askers(
    latchkey: Latchkey,
) -> None:
    channel = a_channel("general", thread="1")
    answer = await latchkey.say(DANA_DE, ASKED, channel)
    await latchkey.tick()
    await latchkey.click(AVERY_EN, asked(latchkey, AVERY), "Approve")
    await latchkey.tick()
    [updated] = [
        Seen.of(posted) for posted in latchkey.teams.posted_in(channel.id) if posted.id == answer.id
    ]

    assert is_wide(answer)
    assert updated.card != answer.card
    assert not is_wide(updated)


async def test_a_question_in_a_channel_is_closed_in_the_channels_language(
    latchkey: Latchkey,
) -> None:
    channel = a_channel("general", thread="1")
    request_id = correlation_id(await granted(latchkey))
    asks = await latchkey.say(DANA_DE, f"revoke {request_id}", channel)

    shown = await latchkey.click(DANA_DE, asks, title_of(asks, verbs.KEEP))
    [everybody_sees] = [
        Seen.of(posted) for posted in latchkey.teams.posted_in(channel.id) if posted.id == asks.id
    ]

    assert is_wide(shown)
    assert everybody_sees.buttons == set()
    assert not is_wide(everybody_sees)
