"""One request for access and one rotation, while something is in trouble at each of their steps."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.seed import LITERAL_SETTING
from tests.chaos.facts import ends_at, gone_at, has_access, truth_about_access
from tests.chaos.outages import Dependency, Trouble
from tests.chaos.virtual_bot import World, a_world, until
from tests.outside.rotation_scenarios import contents, settings
from tests.outside.scenarios import correlation_id
from tests.support.deployment import AVERY, DANA, MORGAN, Trust
from tests.support.people import Seen
from tests.support.teams import Person

_ASKED = "request secret demo-api-key for {seconds:g}s because smoke test"
_OWN_CARD = "Your access request"
_STEP = timedelta(minutes=3)
"""How long people wait for a step after the trouble is over, before they try again."""
_TRIES = 4
_PLAN = "Rotate this secret?"
_HELPLESS = "Needs a human"
_ENDS = ("Rotated", "Rotation failed, rolled back", "Stopped")


@dataclass
class Outcome:
    """What came of a cell: how late things were, and everything that wasn't right."""

    late: timedelta = timedelta()
    """From the window's end to the end of access in Azure."""
    late_after_trouble: timedelta = timedelta()
    """The same, from the end of the trouble where that is later."""
    other_late: timedelta = timedelta()
    """The same for somebody else, whose access ends during the trouble."""
    affected: int = 0
    wrong: list[str] = field(default_factory=list)
    ended_as: str = ""


def _window(trouble: Trouble) -> timedelta:
    return timedelta(hours=2) if trouble is Trouble.GONE else timedelta(minutes=20)


async def access(trust: Trust, dependency: Dependency, trouble: Trouble) -> Outcome:
    """Play from asking to the end of access, with trouble at the question, approval and end."""
    outcome = Outcome()
    async with a_world(trust, dependency, trouble) as world:
        world.teams.on_message = truth_about_access(world.sandbox, world.clock, outcome.wrong)
        await _play(world, outcome)
        outcome.affected = world.outage.affected
    return outcome


async def _play(world: World, outcome: Outcome) -> None:
    clock, outage = world.clock, world.outage
    await world.bot.type(AVERY, "help")
    await world.bot.type(DANA, "help")
    await _trouble(world)
    if not await _ask(world, DANA, _window(outage.trouble)):
        outcome.wrong.append("the approver was never asked")
        return
    await _pass(world, _STEP)
    await _trouble(world)
    if not await _approve(world, DANA):
        # Granting has its end too: the card says so, and she asks again.
        outcome.ended_as = f"{_own(world, DANA)}; asked again: "
        if _own(world, DANA) == "Access granted":
            outcome.wrong.append("the card says that access was granted")
        asked_again = await _ask(world, DANA, _window(outage.trouble))
        given = asked_again and await _approve(world, DANA)
    else:
        given = True
    if not given:
        outcome.wrong.append("access was never given")
        return
    await until(lambda: _own(world, DANA) == "Access granted", clock, outage.until + _STEP)
    if _own(world, DANA) != "Access granted":
        outcome.wrong.append(f"the card says {_own(world, DANA)!r} while there is access")
    await _pass(world, timedelta(seconds=30))
    await _end(world, outcome)


async def _end(world: World, outcome: Outcome) -> None:
    """Let access end during trouble, and somebody else's too, some seconds later."""
    clock, outage = world.clock, world.outage
    end = ends_at(DANA, world.table)
    rest = timedelta(seconds=round((end + timedelta(seconds=5) - clock()).total_seconds()))
    if not (await _ask(world, MORGAN, rest) and await _approve(world, MORGAN)):
        outcome.wrong.append("the other one's access was never given")
        return
    await _pass(world, timedelta(seconds=20))
    other_end = ends_at(MORGAN, world.table)
    await _until(world, end - timedelta(seconds=5))
    await _trouble(world)
    latest = outage.until + timedelta(hours=2)
    await until(
        lambda: gone_at(DANA, world.sandbox) and gone_at(MORGAN, world.sandbox), clock, latest
    )
    await until(lambda: _own(world, DANA) == _own(world, MORGAN) == "Access ended", clock, latest)
    for person in (DANA, MORGAN):
        if _own(world, person) != "Access ended":
            outcome.wrong.append(f"{person.name} was told {_own(world, person)!r} at the end")
    gone, other_gone = gone_at(DANA, world.sandbox), gone_at(MORGAN, world.sandbox)
    if not (gone and other_gone):
        outcome.wrong.append("somebody kept access for hours")
        return
    outcome.late = gone - end
    outcome.late_after_trouble = gone - max(outage.until, end)
    outcome.other_late = other_gone - other_end
    await _pass(world, timedelta(minutes=5))
    if has_access(DANA, world.sandbox) or has_access(MORGAN, world.sandbox):
        outcome.wrong.append("an assignment came back")
    said = [post.status for post in _audited(world)]
    for expected in ("Access granted", "Access revoked"):
        if sum(one.startswith(expected) for one in said) != 2:
            outcome.wrong.append(f"the audit trail is {said}")


def _audited(world: World) -> list[Seen]:
    """Return what is said about each event in the audit channel.

    If Teams took a message and didn't say so, it is posted again, and counts once.
    """
    posts = world.bot.audit()
    if (world.outage.dependency, world.outage.trouble) != (Dependency.TEAMS, Trouble.SILENT_AFTER):
        return posts
    return list({post.words: post for post in posts}.values())


async def rotation(trust: Trust, dependency: Dependency, trouble: Trouble) -> Outcome:
    """Rotate a secret, with trouble when it is confirmed."""
    outcome = Outcome()
    async with a_world(trust, dependency, trouble) as world:
        before = contents(world.sandbox)[-1][0]
        plan = await _planned(world)
        await _trouble(world)
        await _rotate(world, plan, outcome)
        await _judge(world, plan, before, outcome)
    return outcome


async def half_a_rotation(trust: Trust, dependency: Dependency, trouble: Trouble) -> Outcome:
    """Rotate a secret, with trouble once the new version is written."""
    outcome = Outcome()
    async with a_world(trust, dependency, trouble) as world:
        before = contents(world.sandbox)[-1][0]
        plan = await _planned(world)
        world.outage.begins_after_write = True
        await _rotate(world, plan, outcome)
        await _judge(world, plan, before, outcome)
    return outcome


async def _planned(world: World) -> Seen:
    await world.bot.type(AVERY, "help")
    [plan] = await world.bot.type(AVERY, "rotate app-api-key")
    return plan


async def _rotate(world: World, plan: Seen, outcome: Outcome) -> None:
    """Press the button, again if nothing comes of it; wait for the end, and a little longer."""
    clock = world.clock
    for _ in range(_TRIES):
        await world.bot.press(AVERY, plan, "Rotate")
        over = max(world.outage.until, clock())
        if await until(lambda: _status(world, plan) != _PLAN, clock, over + _STEP):
            break
    over = max(world.outage.until, clock())
    await until(
        lambda: _status(world, plan).startswith((*_ENDS, _HELPLESS)),
        clock,
        over + timedelta(hours=3),
    )
    await _pass(world, timedelta(minutes=5))
    if _status(world, plan) == _HELPLESS:
        outcome.ended_as = f"{_HELPLESS}; on command: "
        await world.bot.type(AVERY, f"retry {correlation_id(_card(world, plan))}")
        await until(lambda: _status(world, plan) != _HELPLESS, clock, clock() + _STEP)
        await _pass(world, timedelta(minutes=5))


async def _judge(world: World, plan: Seen, before: str, outcome: Outcome) -> None:
    """Compare what the card says with Azure."""
    outcome.affected = world.outage.affected
    ended = _status(world, plan)
    outcome.ended_as += ended
    current, held = contents(world.sandbox)[-1], settings(world.sandbox)[LITERAL_SETTING]
    if not ended.startswith(_ENDS):
        outcome.wrong.append(f"after hours the card says {ended!r}")
    if current != (held, True):
        outcome.wrong.append("the app doesn't hold the current value")
    if (held == before) is ended.startswith("Rotated"):
        value = "old" if held == before else "new"
        outcome.wrong.append(f"the card says {ended!r}, the app holds the {value} value")
    readable = {value for value, is_enabled in contents(world.sandbox) if is_enabled}
    if not readable <= {before, held}:
        outcome.wrong.append("a version that nobody holds can be read")


def _card(world: World, plan: Seen) -> Seen:
    """Return the plan's card as it is now."""
    [posted] = [post for post in world.teams.posted if post.id == plan.id]
    return Seen.of(posted)


def _status(world: World, plan: Seen) -> str:
    return _card(world, plan).status


async def _trouble(world: World) -> None:
    """Begin the trouble; a replica that has just started holds no token from before."""
    world.outage.begin()
    if world.outage.dependency is Dependency.ENTRA:
        await world.bot.restart()


async def _ask(world: World, person: Person, window: timedelta) -> bool:
    """Let someone ask, again and again while nothing comes of it; return whether it did."""
    before = len(_asked(world))
    for _ in range(_TRIES):
        await world.bot.type(person, _ASKED.format(seconds=window.total_seconds()))
        latest = max(world.outage.until, world.clock()) + _STEP
        if await until(lambda: len(_asked(world)) > before, world.clock, latest):
            return True
    return False


def _asked(world: World) -> list[Seen]:
    return [seen for seen in world.bot.sent_to(AVERY) if seen.title == "Access request"]


async def _approve(world: World, person: Person) -> bool:
    for _ in range(_TRIES):
        await world.bot.press(AVERY, _asked(world)[-1], "Approve")
        latest = max(world.outage.until, world.clock()) + _STEP
        if await until(lambda: has_access(person, world.sandbox), world.clock, latest):
            return True
    return False


def _own(world: World, person: Person) -> str:
    """Return what someone's own newest message about their request says."""
    own = [seen for seen in world.bot.sent_to(person) if seen.title == _OWN_CARD]
    return own[-1].status if own else ""


async def _pass(world: World, by: timedelta) -> None:
    await _until(world, max(world.clock(), world.outage.until) + by)


async def _until(world: World, at: datetime) -> None:
    await asyncio.sleep(max((at - world.clock()).total_seconds(), 0))
