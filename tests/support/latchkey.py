"""The whole bot as its people see it: what they say and click, and what they are shown."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Self

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from azure.core.exceptions import HttpResponseError
from azure.data.tables import TableEntity
from azure.data.tables.aio import TableClient
from azure.keyvault.secrets.aio import SecretClient

from app import Composition, compose
from config import read_settings
from sandbox.assignments import Assignment
from sandbox.roles import KEY_VAULT_SECRETS_USER
from sandbox.seed import VAULT
from services.engine import Clock
from tests.support.deployment import AUDIT
from tests.support.reading import buttons, inputs, labels, words
from tests.support.sandbox import Sandbox
from tests.support.teams import (
    Answer,
    Json,
    Person,
    Place,
    Posted,
    Teams,
    a_message,
    a_personal_chat,
    an_execute,
)


@dataclass(frozen=True)
class Seen:
    """What one person sees of a message: its card, and a sentence if their click got one.

    A click may put another card in its place for them alone.
    """

    id: str
    place: Place
    card: Json
    sentence: str = ""

    @classmethod
    def of(cls, posted: Posted) -> Self:
        """Take a message as everyone sees it."""
        return cls(posted.id, _place(posted.conversation_id), posted.card or {})

    @property
    def words(self) -> str:
        """Return what the card says."""
        return words(self.card)

    @property
    def title(self) -> str:
        """Return the first line of the card."""
        return self.words.partition("\n")[0]

    @property
    def status(self) -> str:
        """Return the second line of the card: how what it shows stands, or what happened."""
        return self.words.split("\n")[1]

    @property
    def inputs(self) -> Json:
        """Return what stands in the card's inputs."""
        return inputs(self.card)

    @property
    def labels(self) -> dict[str, str]:
        """Return the labels of the card's inputs."""
        return labels(self.card)

    @property
    def buttons(self) -> set[str]:
        """Return the titles of the card's buttons."""
        return set(buttons(self.card))


class Latchkey:
    """The bot in this process, composed as in production, on a clock that the test moves.

    Nothing is done in the background but what a turn starts: `tick` is the worker's round.
    """

    def __init__(
        self, teams: Teams, sandbox: Sandbox, clock: Clock, environment: Mapping[str, str]
    ) -> None:
        self.teams = teams
        self.sandbox = sandbox
        self.answers: list[Answer] = []
        self._clock = clock
        self._environment = environment
        self._table = ""
        self._composition: Composition | None = None
        self._server: TestServer | None = None

    async def start(self, table: str) -> None:
        """Compose the bot over a table and let Teams know where it listens."""
        self._table = table
        self._composition = await compose(
            read_settings(self._environment), self._clock, _at_once, table
        )
        await self._composition.table.ensure_exists()
        app = web.Application()
        self._composition.messages.register(app)
        self._composition.operations.register(app)
        self._server = TestServer(app)
        await self._server.start_server(lingering_time=0.1)
        self.teams.bot_url = str(self._server.make_url("")).rstrip("/")

    async def stop(self) -> None:
        """End the bot as a deployment does."""
        assert self._server
        assert self._composition
        await self._server.close()
        await self._composition.worker.stop()
        await self._composition.resources.aclose()

    async def restart(self, **changed: str) -> None:
        """End the bot and begin another on the same table, with changed variables if given."""
        await self.stop()
        self._environment = {**self._environment, **changed}
        await self.start(self._table)

    async def tick(self) -> None:
        """Let the worker do what is due, and what follows from that."""
        assert self._composition
        await self._composition.worker.idle()
        await self._composition.worker.run_once()

    async def say(self, person: Person, text: str, place: Place | None = None) -> Seen:
        """Type something, in the personal chat unless a place is given; return the answer."""
        place = place or a_personal_chat(person)
        before = len(self.teams.said_in(place.id))
        await self.deliver(a_message(text, person, place))
        [posted] = self.teams.said_in(place.id)[before:]
        return Seen.of(posted)

    async def deliver(self, activity: Json) -> Answer:
        """Post an activity as Teams does; the bot has to take it."""
        answer = await self.teams.deliver(activity)
        self.answers.append(answer)
        assert answer.status == HTTPStatus.OK
        return answer

    async def click(self, person: Person, seen: Seen, title: str, **typed: str) -> Seen:
        """Press a button, having typed into the card's inputs; return what is seen then."""
        action = buttons(seen.card)[title]
        entered = {} if action.get("associatedInputs") == "none" else seen.inputs | typed
        data = action["data"] | entered
        click = an_execute(action["verb"], data, person, seen.place, card=seen.id)
        shown = (await self.deliver(click)).body["value"]
        if isinstance(shown, str):
            return replace(seen, sentence=shown)
        return replace(seen, card=shown, sentence="")

    def card_of(self, person: Person) -> Seen:
        """Return the latest request card in a person's chat, as it is now."""
        return [seen for seen in self.told(person) if seen.title == "Access request"][-1]

    def audit(self) -> list[Seen]:
        """Return what the audit channel shows, the oldest first."""
        posts = [post for post in self.teams.posted if post.conversation_id.startswith(AUDIT.id)]
        return [Seen.of(post) for post in posts]

    def told(self, person: Person) -> list[Seen]:
        """Return what a person sees in their chat with the bot, the oldest first."""
        return [Seen.of(posted) for posted in self.teams.said_to(person)]

    async def read(self, person: Person, secret: str) -> str | None:
        """Let a person read a secret's value with their own identity; None where they may not."""
        client = SecretClient(
            self.sandbox.base_url,
            self.sandbox.credential(person.object_id),
            transport=self.sandbox.transport(),
            verify_challenge_resource=False,
        )
        async with client:
            try:
                return (await client.get_secret(secret)).value
            except HttpResponseError as error:
                if error.status_code != HTTPStatus.FORBIDDEN:
                    raise
                return None

    def assigned(self, person: Person) -> list[Json]:
        """Return the role assignments that a person has in Azure."""
        found: list[Json] = self.sandbox.snapshot()["role_assignments"]
        return [one for one in found if one["principal_id"] == person.object_id]

    def assign_by_hand(self, person: Person) -> str:
        """Give a person the role on the vault as an admin would; return the assignment's name."""
        vault = self.sandbox.seed.vault_scope(VAULT)
        assignment = Assignment(
            name="60000000-0000-4000-8000-000000000001",
            scope=vault,
            principal_id=person.object_id,
            principal_type="User",
            role=KEY_VAULT_SECRETS_USER,
            description=None,
            condition=None,
            created_on=self._clock(),
            created_by=self.sandbox.seed.operator,
        )
        self.sandbox.state.assignments.add(assignment)
        return assignment.name

    async def rows(self) -> list[TableEntity]:
        """Return all rows of the bot's table."""
        async with self._table_client() as table:
            return [row async for row in table.list_entities()]

    async def drop_table(self) -> None:
        """Delete the bot's table behind its back."""
        async with self._table_client() as table:
            await table.delete_table()

    def _table_client(self) -> TableClient:
        connection_string = self._environment["AZURE_STORAGE_CONNECTION_STRING"]
        return TableClient.from_connection_string(connection_string, self._table)

    async def get(self, path: str) -> tuple[int, str]:
        """Fetch one of the pages for operators; return the status and the body."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.teams.bot_url}{path}") as response,
        ):
            return response.status, await response.text()


async def _at_once(_: float) -> None:
    """Wait for nobody: the fake Teams has no limits."""


@asynccontextmanager
async def running_latchkey(latchkey: Latchkey, table: str) -> AsyncIterator[Latchkey]:
    """Run the bot for the length of a test."""
    await latchkey.start(table)
    try:
        yield latchkey
    finally:
        await latchkey.stop()


def _place(conversation_id: str) -> Place:
    if conversation_id.startswith("a:"):
        return Place(conversation_id, "personal")
    return replace(AUDIT, id=conversation_id)
