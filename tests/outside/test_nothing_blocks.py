"""Whatever people type and click, the event loop is never blocked."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.handlers.command_table import usages
from cards.kit import verbs
from sandbox import seed
from tests.outside.rotation_scenarios import now
from tests.outside.scenarios import ASKED, correlation_id
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.processes.loop_watch import LoopWatch, watched_loop
from tests.support.reading import buttons
from tests.support.teams import Person, a_file_consent, a_message, an_execute

LONGEST_SECONDS = 0.05
POLICY = f"""
[defaults]
break_glass = ["{seed.DANA.mail}"]

[[secret]]
name = "{seed.APP_API_KEY}"
rotation.second_admin = true
"""
COMMANDS = {usage.split()[0] for usage, _ in usages()}


@dataclass
class Watched:
    """The bot, recording what was typed and clicked, for the watch and for completeness."""

    bot: Latchkey
    watch: LoopWatch
    typed: set[str] = field(default_factory=set)
    clicked: set[str] = field(default_factory=set)

    async def say(self, person: Person, text: str) -> Seen:
        self.watch.now = text
        self.typed.add(text.split()[0])
        return await self.bot.say(person, text)

    async def click(self, person: Person, seen: Seen, title: str, **typed: str) -> Seen:
        self.watch.now = f"{title}, on {seen.title}"
        self.clicked.add(buttons(seen.card)[title]["verb"])
        return await self.bot.click(person, seen, title, **typed)

    async def tick(self) -> None:
        """Run the follow-up work; it must not block the loop either."""
        self.watch.now += ", and what follows"
        await self.bot.tick()


@pytest.fixture
async def team(bot: Latchkey, tmp_path: Path, unpaced: None) -> Latchkey:
    """The bot, with a policy that allows everything and no rate limits."""
    file = tmp_path / "policy.toml"
    file.write_text(POLICY, encoding="utf-8")
    await bot.restart(
        POLICY_FILE=str(file), DRILL_SECRET=seed.DRILL_SECRET, DRILL_PRINCIPAL_ID=seed.CANARY.id
    )
    return bot


async def test_no_command_and_no_click_blocks_the_event_loop(
    team: Latchkey, clock: ManualClock
) -> None:
    await team.say(DANA, "help")  # creates anything that is only created once, such as Teams' keys
    with watched_loop() as watch:
        people = Watched(team, watch)
        await _look_around(people)
        await _get_and_give_back_access(people, clock)
        await _refuse_and_withdraw(people)
        await _break_glass(people)
        await _rotate(people)
        await _drill(people, clock)
        await _look_back(people)
        await _click_on_old_cards(people, verbs.VERBS - people.clicked)

    assert watch.blocking_calls == []
    assert watch.longest < LONGEST_SECONDS, watch.during
    assert people.typed >= COMMANDS


async def _look_around(people: Watched) -> None:
    for typed in ("help", "secrets", "my access", "approvals", "rotations", "stuck", "doctor"):
        await people.say(AVERY, typed)
    await people.say(DANA, "why demo-api-key")
    await people.click(AVERY, await people.say(AVERY, f"erase {ROBIN.object_id}"), "Cancel")
    await people.say(DANA, "what can I do here?")


async def _get_and_give_back_access(people: Watched, clock: ManualClock) -> None:
    form = await people.say(DANA, "request secret demo-api-key")
    await people.click(DANA, form, "Send for approval", justification="a test", duration="2h")
    await people.tick()
    card = people.bot.card_of(AVERY)
    await people.say(DANA, f"status {correlation_id(card)}")
    await people.click(AVERY, card, "Approve")
    await people.tick()
    clock.advance(minutes=106)
    await people.tick()
    await people.click(DANA, people.bot.sent_to(DANA)[-1], "Extend", duration="1h")
    await people.tick()
    await people.click(ROBIN, people.bot.sent_to(ROBIN)[-1], "Allow")
    await people.tick()
    form = await people.say(DANA, f"extend {correlation_id(card)}")
    await people.click(DANA, form, "Extend", duration="for ever")
    await people.click(DANA, form, "Cancel")
    await people.say(DANA, f"extend {correlation_id(card)} 30m")
    await people.say(AVERY, f"approve {correlation_id(card)}")
    await people.say(AVERY, f"deny {correlation_id(card)} because of a test")
    await people.say(AVERY, f"close {correlation_id(card)} because of a test")
    ending = await people.say(DANA, f"revoke {correlation_id(card)}")
    await people.click(DANA, ending, "Keep it")
    await people.click(DANA, await people.say(DANA, "my access"), "I'm done")
    await people.tick()


async def _drill(people: Watched, clock: ManualClock) -> None:
    await people.click(AVERY, await people.say(AVERY, "drill"), "Cancel")
    await people.click(AVERY, await people.say(AVERY, "drill"), "Begin")
    await people.tick()
    clock.advance(minutes=2)
    await people.tick()


async def _refuse_and_withdraw(people: Watched) -> None:
    await people.say(DANA, ASKED)
    await people.tick()
    await people.click(ROBIN, people.bot.card_of(ROBIN), "Deny", reason="not today")
    await people.tick()
    await people.say(DANA, ASKED)
    await people.click(DANA, await people.say(DANA, "my access"), "Cancel request")
    card = await people.say(DANA, ASKED)
    await people.say(DANA, f"cancel {correlation_id(card)}")
    await people.tick()
    form = await people.say(DANA, "request secret demo-api-key")
    await people.click(DANA, form, "Cancel")


async def _break_glass(people: Watched) -> None:
    form = await people.say(DANA, "break glass demo-api-key")
    await people.click(DANA, form, "Get access now", justification="the shop is down")
    await people.tick()
    await people.click(AVERY, people.bot.sent_to(AVERY)[-1], "Reviewed", note="fine")
    await people.tick()


async def _rotate(people: Watched) -> None:
    await people.say(AVERY, "plan app-api-key")
    plan = await people.say(AVERY, "rotate app-api-key")
    await people.click(AVERY, plan, "Cancel")
    plan = await people.say(AVERY, "rotate app-api-key")
    await people.click(AVERY, plan, "Rotate")
    await people.tick()
    await people.click(ROBIN, people.bot.sent_to(ROBIN)[-1], "Approve")
    await people.tick()
    rotation_id = correlation_id(now(people.bot, plan))
    await people.say(AVERY, f"retry {rotation_id}")
    await people.say(AVERY, f"abandon {rotation_id} because it will not end")


async def _look_back(people: Watched) -> None:
    await people.say(AVERY, "history")
    await people.say(AVERY, f"verify {correlation_id(people.bot.card_of(AVERY))}")
    await people.say(AVERY, "verify day 2026-03-01")
    await people.say(AVERY, "report")
    for typed in ("review", "export"):  # both offer a file
        people.watch.now = typed
        people.typed.add(typed)
        await people.bot.deliver(a_message(typed, AVERY))
    [offer] = people.bot.teams.posted_to(AVERY)[-1].activity["attachments"]
    await people.bot.deliver(a_file_consent("accept", offer, AVERY, people.bot.teams.upload_url))


async def _click_on_old_cards(people: Watched, unclicked: frozenset[str]) -> None:
    """Click the remaining buttons, as on outdated cards."""
    for verb in sorted(unclicked):
        people.watch.now = verb
        request_id = correlation_id(people.bot.card_of(AVERY))
        await people.bot.deliver(an_execute(verb, {verbs.REQUEST: request_id}, AVERY))
