"""A scenario in real time: a real bot is killed in the middle of three rotations.

It runs once; several tests check its outcome.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.faults import Action, InjectedFault, When
from sandbox.seed import (
    APP_API_KEY,
    DEMO_DB_PASSWORD,
    LITERAL_SETTING,
    PINNED_SETTING,
    REPORTING_TOKEN,
    SITE,
    SLOT,
    UNVERSIONED_SETTING,
)
from sandbox.stored.sites import StoredSite
from sandbox.stored.vaults import StoredVersion
from tests.outside.crashes import PATIENCE_SECONDS, World
from tests.outside.rotation_scenarios import audit, now, set_strings, settings, strings, versions
from tests.outside.scenarios import correlation_id, refusing
from tests.support.deployment import AVERY
from tests.support.people import Seen
from tests.support.processes.process import Process, until
from tests.support.processes.short_lives import LIFE

PROPAGATING, UNDOING, WRITING = APP_API_KEY, DEMO_DB_PASSWORD, REPORTING_TOKEN
"""The secrets, named by the state of their rotations when the bot is killed."""

CONNECTION_STRING = "Reports"
"""Holds the value of the secret whose version is being written."""

OTHER_STRING = ("Server=other", "MySql")

RULES = f"""
[[secret]]
name = "{PROPAGATING}"
rotation.dependents = [
  {{ app = "{SITE}", setting = "{LITERAL_SETTING}" }},
  {{ app = "{SITE}", slot = "{SLOT}", setting = "{LITERAL_SETTING}" }},
]

[[secret]]
name = "{UNDOING}"
rotation.dependents = [{{ app = "{SITE}", setting = "{UNVERSIONED_SETTING}" }}]

[[secret]]
name = "{WRITING}"
rotation.dependents = [
  {{ app = "{SITE}", setting = "{PINNED_SETTING}" }},
  {{ app = "{SITE}", connection_string = "{CONNECTION_STRING}" }},
]
"""

_OVER = {"Rotated, old version not retired yet", "Rotation failed, rolled back"}


@dataclass(frozen=True)
class Ending:
    """The outcome of one rotation."""

    status: str
    audit: list[str]
    before: list[StoredVersion]
    after: list[StoredVersion]
    puts: int
    """How many requests for a new version were sent."""


@dataclass(frozen=True)
class Outcome:
    """The scenario's outcome."""

    exit_code: int
    endings: Mapping[str, Ending]
    settings_before: dict[str, dict[str, str]]
    settings: dict[str, dict[str, str]]
    """All settings of the app and its slot, by the slot's name."""
    strings: dict[str, tuple[str, str]]
    """The values and types of the app's connection strings."""
    app: StoredSite


async def killed_while_rotating(world: World) -> Outcome:
    """Kill a bot that is at a different point in each of three rotations; restart it.

    One version is written but not recorded. One secret has reached the app, but not the slot. One
    rotation has failed, and its old value is restored but that isn't recorded.
    """
    rules = world.write("policy.toml", RULES)
    bot = world.bot("killed", "-m", "tests.support.processes.short_lives", POLICY_FILE=rules)
    before = {secret: versions(world.sandbox, secret) for secret in (PROPAGATING, UNDOING, WRITING)}
    settings_before = {slot: settings(world.sandbox, slot) for slot in ("", SLOT)}
    set_strings(world.sandbox, Reports=(before[WRITING][-1].value, "SQLAzure"), Other=OTHER_STRING)
    try:
        await bot.start()
        cards = await _bring_to_the_brink(bot, world)
        await until(world.is_quiet, PATIENCE_SECONDS)
        exit_code = await bot.kill()

        world.sandbox.state.faults.clear()
        await bot.start()
        # After a crash during a change of settings, the bot waits until that can no longer land.
        patience = PATIENCE_SECONDS + LIFE.total_seconds()
        await until(lambda: _statuses(bot, cards) <= _OVER, patience)
        await until(world.is_quiet, PATIENCE_SECONDS)
        return Outcome(
            exit_code=exit_code,
            endings={
                secret: Ending(
                    status=now(bot, card).status,
                    audit=audit(bot, correlation_id(now(bot, card))),
                    before=before[secret],
                    after=versions(world.sandbox, secret),
                    puts=_puts(world, secret),
                )
                for secret, card in cards.items()
            },
            settings_before=settings_before,
            settings={slot: settings(world.sandbox, slot) for slot in ("", SLOT)},
            strings=strings(world.sandbox),
            app=world.sandbox.state.sites[SITE, ""],
        )
    finally:
        await bot.kill()


async def _bring_to_the_brink(bot: Process, world: World) -> dict[str, Seen]:
    """Start each rotation once the one before hangs at its crash point."""
    cards = {}
    _hang(world, f"/slots/{SLOT}/config/appsettings", When.BEFORE)
    cards[PROPAGATING] = await _rotate(bot, PROPAGATING)
    await until(lambda: _hung(world) == 1, PATIENCE_SECONDS)

    world.sandbox.break_next(refusing("POST", "appsettings/refresh", 409, times=1))
    _hang(world, f"/secrets/{UNDOING}", When.AFTER, skip=1)
    cards[UNDOING] = await _rotate(bot, UNDOING)
    await until(lambda: _hung(world) == 2, PATIENCE_SECONDS)

    _hang(world, f"/secrets/{WRITING}", When.AFTER)
    cards[WRITING] = await _rotate(bot, WRITING)
    await until(lambda: _hung(world) == 3, PATIENCE_SECONDS)
    return cards


async def _rotate(bot: Process, secret: str) -> Seen:
    plan = await bot.say(AVERY, f"rotate {secret}")
    await bot.click(AVERY, plan, "Rotate")
    return plan


def _hang(world: World, path: str, when: When, skip: int = 0) -> None:
    world.sandbox.break_next(InjectedFault("PUT", re.compile(path), Action.HANG, when, skip=skip))


def _hung(world: World) -> int:
    return sum(one.fault is not None and one.fault.startswith("hang") for one in world.sandbox.log)


def _puts(world: World, secret: str) -> int:
    return sum(
        one.method == "PUT" and one.path == f"/secrets/{secret}" for one in world.sandbox.log
    )


def _statuses(bot: Process, cards: Mapping[str, Seen]) -> set[str]:
    return {now(bot, card).status for card in cards.values()}
