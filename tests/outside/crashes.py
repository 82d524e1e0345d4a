"""Scenarios with real bots in real time: killed, stopped while busy, and two at once.

A scenario runs once; several tests check its outcome.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from azure.data.tables.aio import TableClient

from composition.clients import TABLE
from domain.access.assignment import Assignment
from sandbox.faults import Action, InjectedFault, When
from sandbox.roles import KEY_VAULT_SECRETS_USER
from sandbox.seed import DEMO_API_KEY, VAULT
from sandbox.state import LoggedRequest
from services.azure.tables import AzureTable
from services.storage import keys
from services.workflow.due.agenda import CLAIM
from services.workflow.due.shard_board import ShardBoard
from services.workflow.engine import MOVE_TIMEOUT
from tests.outside.scenarios import correlation_id
from tests.support.deployment import AVERY, DANA, MORGAN, ROBIN, Trust, a_tenant, environment
from tests.support.people import Seen
from tests.support.processes.process import Process, until
from tests.support.sandbox import Sandbox, now, running_sandbox
from tests.support.teams import Person, Teams

WINDOW_SECONDS = 3.0
PATIENCE_SECONDS = CLAIM.total_seconds() + 25

_AHEAD_SECONDS = 15.0
"""How long before its start access is approved, at least; a start is a full minute."""
_TEAMS_TIME_ZONE = "Europe/Berlin"
_ASKED = f"request secret {DEMO_API_KEY} for {WINDOW_SECONDS:g}s because smoke test"


@dataclass(frozen=True)
class Outcome:
    """A scenario's outcome: every request to Azure, and the messages by requester."""

    log: list[LoggedRequest]
    audit: dict[Person, list[str]]
    sent_to: dict[Person, list[str]]
    answers: Sequence[Seen] = ()
    exit_code: int | None = None
    starts_at: datetime | None = None
    approved_at: datetime | None = None
    stopped_after: timedelta | None = None
    """How long after the signal it had stopped."""
    went_on_at: datetime | None = None

    def made(self, person: Person) -> list[datetime]:
        """Return when this person's assignments were created."""
        return [one.at for one in self.log if _is(one, "PUT", person) and one.status == 201]

    def removed(self, person: Person) -> list[datetime]:
        """Return when this person's assignments were removed."""
        return [one.at for one in self.log if _is(one, "DELETE", person) and one.status == 200]


class World:
    """Everything around a scenario's bots, which stays when one is killed."""

    def __init__(
        self, teams: Teams, sandbox: Sandbox, variables: Mapping[str, str], folder: Path
    ) -> None:
        self.sandbox = sandbox
        self._teams = teams
        self._variables = {**variables, "MIN_ACCESS_MINUTES": "0.05"}
        self._folder = folder

    def bot(self, name: str, *program: str, **changed: str) -> Process:
        """Return a bot that isn't started yet, with any changed variables.

        ``program`` is what Python runs, if not ``app.py`` itself.
        """
        log, variables = self._folder / f"{name}.log", {**self._variables, **changed}
        return Process(self._teams, self.sandbox, variables, log, program or ("app.py",))

    def write(self, name: str, text: str) -> str:
        """Write a file for the bots to read; return its path."""
        path = self._folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def hang(self, method: str, person: Person, when: When) -> None:
        """Leave the next such request about a person's assignment unanswered."""
        path = re.compile(_assignment_id(person))
        self.sandbox.break_next(InjectedFault(method, path, Action.HANG, when))

    def was_asked(self, method: str, person: Person) -> bool:
        """Tell whether such a request about a person's assignment was made."""
        return any(_is(one, method, person) for one in self.sandbox.log)

    def looked_up(self, person: Person) -> int:
        """Count the look-ups of a person in the directory."""
        return sum(one.path.endswith(f"/users/{person.object_id}") for one in self.sandbox.log)

    def reads_of_secrets(self) -> int:
        """Count the requests to read something about a secret."""
        return sum(one.method == "GET" and "/secrets/" in one.path for one in self.sandbox.log)

    async def is_quiet(self) -> bool:
        """Tell whether all announcements have been sent."""
        async with self.table() as table:
            outbox = f"RowKey ge '{keys.OUTBOX}~' and RowKey lt '{keys.OUTBOX}~~'"
            return [row async for row in table.query_entities(outbox)] == []

    async def is_shared(self) -> bool:
        """Tell whether two bots share all shards equally."""
        shares = await self._shares()
        return len(shares) == 2 and max(shares.values()) == min(shares.values())

    async def is_one_alone(self) -> bool:
        """Tell whether one bot owns all shards."""
        return list((await self._shares()).values()) == [len(keys.SHARDS)]

    async def _shares(self) -> Counter[str]:
        """Count the shards of each bot."""
        async with self.table() as table:
            board = await ShardBoard(AzureTable(table)).read()
        return Counter(board.owners.values())

    def table(self) -> TableClient:
        """Return our own client for the bots' table."""
        connection_string = self._variables["AZURE_STORAGE_CONNECTION_STRING"]
        return TableClient.from_connection_string(connection_string, TABLE)


@asynccontextmanager
async def a_world(trust: Trust, connection_string: str, folder: Path) -> AsyncIterator[World]:
    """Set up a world with an empty table."""
    async with running_sandbox(trust.sandbox_directory, seed=a_tenant()) as sandbox:
        teams = Teams(now, trust.teams_authority)
        await teams.start()
        try:
            variables = environment(teams, sandbox, trust, connection_string)
            world = World(teams, sandbox, variables, folder)
            async with world.table() as table:
                await table.delete_table()
            yield world
        finally:
            await teams.stop()


async def killed_halfway(world: World) -> Outcome:
    """Kill a bot that is at a different point of its work for each of three people; restart it.

    Morgan's assignment is removed, but that isn't recorded; Dana's is created, but that isn't
    recorded; Robin's approval was answered, and nothing more has happened.
    """
    bot = world.bot("killed", "-m", "tests.support.processes.short_lives")
    try:
        await bot.start()
        cards = await _ask(bot, MORGAN, DANA, ROBIN)
        world.hang("DELETE", MORGAN, When.AFTER)
        world.hang("PUT", DANA, When.AFTER)
        world.hang("PUT", ROBIN, When.BEFORE)

        await _approve(bot, cards[MORGAN])
        await until(lambda: world.was_asked("DELETE", MORGAN), PATIENCE_SECONDS)
        await _approve(bot, cards[DANA])
        await _approve(bot, cards[ROBIN])
        await until(lambda: bot.assigned(DANA) != [], PATIENCE_SECONDS)
        await until(lambda: world.was_asked("PUT", ROBIN), PATIENCE_SECONDS)
        await until(world.is_quiet, PATIENCE_SECONDS)
        exit_code = await bot.kill()

        world.sandbox.state.faults.clear()
        await bot.start()
        await _end(bot, world, cards)
        return _outcome(bot, world, cards, exit_code=exit_code)
    finally:
        await bot.kill()


async def killed_at_the_start(world: World) -> Outcome:
    """Kill a bot during the checks at the start of Dana's access; restart it."""
    bot = world.bot("planned")
    try:
        await bot.start()
        ahead = timedelta(seconds=_AHEAD_SECONDS + 60)
        starts_at = (now() + ahead).replace(second=0, microsecond=0)
        clock = f"{starts_at.astimezone(ZoneInfo(_TEAMS_TIME_ZONE)):%H:%M}"
        cards = await _ask(bot, DANA, line=_ASKED.replace("because", f"from {clock} because"))
        await _approve(bot, cards[DANA])
        await until(world.is_quiet, PATIENCE_SECONDS)
        looked_up = world.looked_up(DANA)
        path = re.compile(f"/users/{DANA.object_id}")
        world.sandbox.break_next(InjectedFault("GET", path, Action.HANG))
        await until(lambda: world.looked_up(DANA) > looked_up, _AHEAD_SECONDS + 60 + 25)
        exit_code = await bot.kill()

        world.sandbox.state.faults.clear()
        await bot.start()
        await _end(bot, world, cards)
        outcome = _outcome(bot, world, cards, exit_code=exit_code)
        return replace(outcome, starts_at=starts_at)
    finally:
        await bot.kill()


async def stopped_while_busy(world: World) -> Outcome:
    """Stop a bot while Azure answers neither a move of Dana's nor a turn of Morgan's.

    Another bot, which left the move to its claim until then, carries on.
    """
    bot, following = world.bot("stopped"), world.bot("following")
    try:
        await asyncio.gather(bot.start(), following.start())
        cards = await _ask(bot, DANA)
        world.hang("PUT", DANA, When.AFTER)
        approved_at = now()
        await _approve(bot, cards[DANA])
        await until(lambda: world.was_asked("PUT", DANA), PATIENCE_SECONDS)
        read = world.reads_of_secrets()
        path = re.compile("/secrets/")
        world.sandbox.break_next(InjectedFault("GET", path, Action.HANG, times=2))
        turn = asyncio.create_task(bot.say(MORGAN, _ASKED))
        await until(lambda: world.reads_of_secrets() > read, PATIENCE_SECONDS)

        signalled_at = now()
        ending = asyncio.create_task(bot.end())
        answer, exit_code = await turn, await ending
        stopped_after = now() - signalled_at
        await _end(following, world, cards)
        outcome = _outcome(following, world, cards, answers=[answer], exit_code=exit_code)
        return replace(outcome, approved_at=approved_at, stopped_after=stopped_after)
    finally:
        await asyncio.gather(bot.kill(), following.kill())


async def paused_for_long(world: World) -> Outcome:
    """Pause one of two bots for longer than its claims and leases last, with access given by it.

    Then let it go on, and wait until both share the work again.
    """
    paused, other = world.bot("paused"), world.bot("other")
    try:
        await asyncio.gather(paused.start(), other.start())
        await until(world.is_shared, PATIENCE_SECONDS)
        cards = await _ask(paused, DANA, MORGAN)
        await asyncio.gather(*(_approve(paused, card) for card in cards.values()))
        await until(lambda: all(paused.assigned(person) for person in cards), PATIENCE_SECONDS)
        paused.pause()
        paused_at = now()
        await until(lambda: all(_has_ended(other, person) for person in cards), PATIENCE_SECONDS)
        await until(world.is_one_alone, PATIENCE_SECONDS)
        await until(lambda: now() - paused_at > CLAIM + MOVE_TIMEOUT, PATIENCE_SECONDS)

        went_on_at = now()
        paused.go_on()
        await until(world.is_shared, PATIENCE_SECONDS)
        await until(world.is_quiet, PATIENCE_SECONDS)
        return replace(_outcome(other, world, cards), went_on_at=went_on_at)
    finally:
        paused.go_on()
        await asyncio.gather(paused.kill(), other.kill())


async def two_at_once(world: World) -> Outcome:
    """Let two bots share the work, with two approvers answering at the same moment."""
    one, other = world.bot("one"), world.bot("other")
    try:
        await asyncio.gather(one.start(), other.start())
        cards = await _ask(one, DANA)
        answers = await asyncio.gather(
            one.click(AVERY, one.card_of(AVERY), "Approve"),
            other.click(ROBIN, other.card_of(ROBIN), "Approve"),
        )
        await _end(one, world, cards)
        return _outcome(one, world, cards, answers=answers)
    finally:
        await asyncio.gather(one.kill(), other.kill())


async def _ask(bot: Process, *people: Person, line: str = _ASKED) -> dict[Person, Seen]:
    """Let people request access, and wait until all approvers have been asked."""
    cards = {person: await bot.say(person, line) for person in people}
    await until(
        lambda: all(len(bot.sent_to(approver)) >= len(people) for approver in (AVERY, ROBIN)),
        PATIENCE_SECONDS,
    )
    return cards


async def _approve(bot: Process, card: Seen) -> None:
    """Let Avery approve the request on this requester's card."""
    request_id = correlation_id(card)
    [asked] = [seen for seen in bot.sent_to(AVERY) if correlation_id(seen) == request_id]
    await bot.click(AVERY, asked, "Approve")


async def _end(bot: Process, world: World, cards: Mapping[Person, Seen]) -> None:
    """Wait until everyone's access has ended and everyone has got a message about it."""
    await until(lambda: all(_has_ended(bot, person) for person in cards), PATIENCE_SECONDS)
    await until(world.is_quiet, PATIENCE_SECONDS)


def _outcome(
    bot: Process,
    world: World,
    cards: Mapping[Person, Seen],
    *,
    answers: Sequence[Seen] = (),
    exit_code: int | None = None,
) -> Outcome:
    return Outcome(
        log=world.sandbox.log,
        audit={person: _audit(bot, correlation_id(card)) for person, card in cards.items()},
        sent_to={person: _sent_to(bot, person) for person in cards},
        answers=answers,
        exit_code=exit_code,
    )


def _has_ended(bot: Process, person: Person) -> bool:
    return "Access ended" in _sent_to(bot, person)


def _sent_to(bot: Process, person: Person) -> list[str]:
    """Return the messages that a person got about their own request, oldest first."""
    return [seen.status for seen in bot.sent_to(person) if seen.title == "Your access request"]


def _audit(bot: Process, request_id: str) -> list[str]:
    return [post.status for post in bot.audit() if correlation_id(post) == request_id]


def _is(request: LoggedRequest, method: str, person: Person) -> bool:
    return request.method == method and request.path.endswith(_assignment_id(person))


def _assignment_id(person: Person) -> str:
    scope = a_tenant().vault_scope(VAULT)
    return Assignment(scope, person.object_id, KEY_VAULT_SECRETS_USER.guid).id
