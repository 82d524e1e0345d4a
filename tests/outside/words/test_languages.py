"""Who reads in which language: everybody in their own, and the audit channel in its own."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from cards.kit import verbs
from cards.languages.language import LANGUAGES
from sandbox import seed
from tests.cards.languages.wide import WIDE
from tests.outside.group_scenarios import BY_NAME
from tests.outside.rotation_scenarios import ROTATE
from tests.outside.scenarios import ASKED, correlation_id, granted
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.reading import buttons
from tests.support.teams import Fault, Person, a_channel, a_personal_chat

pytestmark = pytest.mark.in_memory

_ESCAPED = re.compile(r"\\u([0-9a-f]{4})")

DANA_DE = replace(DANA, locale="de-DE")
AVERY_EN = replace(AVERY, locale="en-GB")


@pytest.fixture(autouse=True)
def wide_german(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let German be English in wide letters."""
    monkeypatch.setitem(LANGUAGES, "de", WIDE)


def is_wide(seen: Seen) -> bool:
    """Return whether texts of ours are in wide letters."""
    return has_wide_letters(seen.words)


def has_wide_letters(text: str) -> bool:
    return any("\uff01" <= letter <= "\uff5e" for letter in text)


async def wide_rows(bot: Latchkey) -> list[str]:
    """Return what the table has in wide letters."""
    values = [str(value) for row in await bot.stored() for value in row.values()]
    return [value for value in values if has_wide_letters(_ESCAPED.sub(_unescaped, value))]


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))


def title_of(seen: Seen, verb: str) -> str:
    """Return the title of a card's button, whatever its language; empty if it isn't there."""
    found = (title for title, action in buttons(seen.card).items() if action.get("verb") == verb)
    return next(found, "")


def with_button(bot: Latchkey, person: Person, verb: str) -> Seen:
    """Return a person's latest message that has such a button."""
    return [seen for seen in bot.sent_to(person) if title_of(seen, verb)][-1]


def asked(bot: Latchkey, person: Person) -> Seen:
    """Return the latest message on which a person can approve."""
    return with_button(bot, person, verbs.APPROVE)


async def press(bot: Latchkey, person: Person, seen: Seen, verb: str, **typed: str) -> Seen:
    """Let a person click a button, whatever its language."""
    return await bot.click(person, seen, title_of(seen, verb), **typed)


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


async def test_a_former_approver_reads_so_in_their_own_language(
    latchkey: Latchkey, tmp_path: Path
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(f'[defaults]\napprovers = ["{seed.AVERY.mail}"]', encoding="utf-8")
    await latchkey.restart(POLICY_FILE=str(file))
    await latchkey.say(replace(AVERY, locale="de-DE"), "help")
    await latchkey.say(DANA, ASKED)
    await latchkey.tick()
    card = asked(latchkey, AVERY)
    file.write_text(f'[defaults]\napprovers = ["{seed.ROBIN.mail}"]', encoding="utf-8")
    await latchkey.look_at_policy_file()
    await latchkey.tick()
    [now] = [seen for seen in latchkey.sent_to(AVERY) if seen.id == card.id]

    assert title_of(now, verbs.APPROVE) == ""
    assert is_wide(now)


async def test_the_notification_of_a_message_is_in_its_readers_language(
    latchkey: Latchkey,
) -> None:
    await latchkey.say(DANA_DE, ASKED)
    await latchkey.tick()
    await latchkey.click(AVERY_EN, asked(latchkey, AVERY), "Approve")
    await latchkey.tick()
    [granted_to_dana] = [one for one in latchkey.teams.posted_to(DANA) if not one.reply_to]

    assert has_wide_letters(granted_to_dana.activity["summary"])
    assert not any(
        has_wide_letters(str(one.activity.get("summary", "")))
        for one in latchkey.teams.posted_to(AVERY)
    )


async def test_a_message_that_is_shortened_is_in_its_readers_language(latchkey: Latchkey) -> None:
    await latchkey.say(DANA_DE, ASKED)
    await latchkey.tick()
    latchkey.teams.largest = 2_000
    await latchkey.click(AVERY_EN, asked(latchkey, AVERY), "Approve")
    await latchkey.tick()

    assert has_wide_letters(latchkey.sent_to(DANA)[-1].status)
    assert not is_wide(latchkey.audit()[-1])
    assert latchkey.audit()[-1].status == "Shortened message"


async def test_an_approver_who_cannot_be_reached_is_mentioned_in_the_channels_language(
    latchkey: Latchkey,
) -> None:
    await latchkey.say(replace(AVERY, locale="de-DE"), "help")
    for approver in (AVERY, ROBIN):
        latchkey.teams.refuse(
            a_personal_chat(approver).id, Fault(403, "ForbiddenOperationException")
        )
    await latchkey.say(DANA_DE, ASKED)
    await latchkey.tick()
    posted = [seen for seen in latchkey.audit() if title_of(seen, verbs.APPROVE)]

    assert len(posted) == 1
    assert not any(is_wide(seen) for seen in latchkey.audit())


async def test_a_requester_who_is_only_reached_in_a_channel_is_told_in_its_language(
    latchkey: Latchkey,
) -> None:
    await latchkey.restart(AUDIT_LANGUAGE="de")
    channel = a_channel("general", thread="1")
    latchkey.teams.uninstalled_for.add(DANA)
    await latchkey.say(DANA, ASKED, channel)
    await latchkey.tick()
    card = asked(latchkey, AVERY)
    await latchkey.click(AVERY, card, title_of(card, verbs.DENY), reason="no")
    await latchkey.tick()
    told = Seen.of(latchkey.teams.posted_in(channel.id)[-1])

    assert is_wide(told)
    assert "answering here" not in told.words


@pytest.mark.parametrize("approvers_locale", ["en-GB", "de-DE"])
async def test_in_a_whole_life_everybody_reads_their_language_and_none_is_stored(
    bot: Latchkey, clock: ManualClock, tmp_path: Path, approvers_locale: str
) -> None:
    """A German requester, an approver of either language, and an English audit channel."""
    avery = replace(AVERY, locale=approvers_locale)
    file = tmp_path / "policy.toml"
    file.write_text(f'[defaults]\napprovers = ["{seed.AVERY.mail}", "{BY_NAME}"]', encoding="utf-8")
    await bot.restart(POLICY_FILE=str(file))
    await bot.say(avery, "help")
    form = await bot.say(DANA_DE, "request secret demo-api-key")
    wrong = await press(bot, DANA_DE, form, verbs.SUBMIT, justification="ok", duration="9d")
    stored = [await wide_rows(bot)]
    await press(bot, DANA_DE, wrong, verbs.SUBMIT, justification="a test", duration="1 Stunde")
    await bot.tick()
    stored.append(await wide_rows(bot))

    await press(bot, avery, asked(bot, AVERY), verbs.APPROVE)
    await bot.tick()
    clock.advance(minutes=50)
    await bot.tick()
    stored.append(await wide_rows(bot))

    await press(bot, DANA_DE, with_button(bot, DANA, verbs.EXTEND), verbs.EXTEND, duration="30m")
    await bot.tick()
    await press(bot, avery, with_button(bot, AVERY, verbs.EXTENSION_ALLOW), verbs.EXTENSION_ALLOW)
    await bot.tick()
    await press(bot, DANA_DE, with_button(bot, DANA, verbs.DONE), verbs.DONE)
    await bot.tick()
    stored.append(await wide_rows(bot))

    plan = await bot.say(avery, ROTATE)
    await press(bot, avery, plan, verbs.ROTATION_CONFIRM)
    await bot.tick()
    clock.advance(hours=25)
    await bot.tick()
    stored.append(await wide_rows(bot))

    assert stored == [[]] * 5
    assert [seen.words for seen in bot.audit() if is_wide(seen)] == []
    assert [seen.words for seen in bot.sent_to(DANA) if not is_wide(seen)] == []
    in_german = {is_wide(seen) for seen in bot.sent_to(AVERY)}
    assert in_german == {approvers_locale == "de-DE"}
    assert bot.assigned(DANA) == []
    assert [seen.status for seen in bot.audit()] == [
        "Access requested",
        "Approved",
        "Access granted",
        "Access ends soon",
        "Extension requested",
        "Access extended",
        "Ended early",
        "Access revoked",
        "Rotated",
        "Rotation started",
        "Rotated",
        "Old version disabled",
    ]
