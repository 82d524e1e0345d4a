"""What people send to the bot and click, what they see, and what they can do in Azure."""

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Self

from azure.core.exceptions import HttpResponseError
from azure.keyvault.secrets.aio import SecretClient

from sandbox.roles import KEY_VAULT_SECRETS_USER
from sandbox.seed import VAULT
from sandbox.stored.assignments import StoredAssignment
from tests.support.deployment import AUDIT
from tests.support.reading import buttons, inputs, labels, stacked, words
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
    """A message as one person sees it: its card, and a sentence if their click got one.

    A click can replace the card for that person only.
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
        """Return the card's text."""
        return words(self.card)

    @property
    def title(self) -> str:
        """Return the first line of the card."""
        return self.words.partition("\n")[0]

    @property
    def status(self) -> str:
        """Return the second line of the card: the current status, or what happened."""
        return self.words.split("\n")[1]

    @property
    def parts(self) -> list[Self]:
        """Return the cards that are stacked in this one, as if each came by itself."""
        return [replace(self, card={**self.card, "body": body}) for body in stacked(self.card)]

    @property
    def inputs(self) -> Json:
        """Return the values of the card's inputs."""
        return inputs(self.card)

    @property
    def labels(self) -> dict[str, str]:
        """Return the labels of the card's inputs."""
        return labels(self.card)

    @property
    def buttons(self) -> set[str]:
        """Return the titles of the card's buttons."""
        return set(buttons(self.card))


class People:
    """Everyone who uses one bot, wherever it runs."""

    def __init__(self, teams: Teams, sandbox: Sandbox) -> None:
        self.teams = teams
        self.sandbox = sandbox
        self.url = ""
        self.answers: list[Answer] = []

    async def say(self, person: Person, text: str, place: Place | None = None) -> Seen:
        """Send a message, in the personal chat by default; return the answer."""
        [seen] = await self.say_for_all(person, text, place)
        return seen

    async def say_for_all(
        self, person: Person, text: str, place: Place | None = None
    ) -> list[Seen]:
        """Send a message that gets several answers; return them in order."""
        place = place or a_personal_chat(person)
        message = a_message(text, person, place)
        await self.deliver(message)
        said = self.teams.posted_in(place.id)
        return [Seen.of(posted) for posted in said if posted.reply_to == message["id"]]

    async def deliver(self, activity: Json) -> Answer:
        """Post an activity as Teams does; the bot has to accept it."""
        self.teams.bot_url = self.url
        answer = await self.teams.deliver(activity)
        self.answers.append(answer)
        assert answer.status == HTTPStatus.OK
        return answer

    async def click(self, person: Person, seen: Seen, title: str, **typed: str) -> Seen:
        """Fill in the card's inputs and press a button; return what the person sees then."""
        action = buttons(seen.card)[title]
        entered = {} if action.get("associatedInputs") == "none" else seen.inputs | typed
        data = action["data"] | entered
        click = an_execute(action["verb"], data, person, seen.place, card=seen.id)
        shown = (await self.deliver(click)).body["value"]
        if isinstance(shown, str):
            return replace(seen, sentence=shown)
        return replace(seen, card=shown, sentence="")

    async def look(self, person: Person, seen: Seen) -> Seen:
        """Let Teams refresh a card because its reader looks at it; return what they see then."""
        action = seen.card["refresh"]["action"]
        look = an_execute(
            action["verb"], action["data"], person, seen.place, card=seen.id, trigger="automatic"
        )
        shown = (await self.deliver(look)).body["value"]
        return (
            replace(seen, sentence=shown) if isinstance(shown, str) else replace(seen, card=shown)
        )

    def card_of(self, person: Person) -> Seen:
        """Return the current state of the latest request card in a person's chat."""
        return [seen for seen in self.sent_to(person) if seen.title == "Access request"][-1]

    def audit(self) -> list[Seen]:
        """Return what is said in the audit channel about each event, oldest first.

        One message may say it about several.
        """
        return [part for seen in self.audit_messages() for part in seen.parts]

    def audit_messages(self) -> list[Seen]:
        """Return the messages in the audit channel, oldest first."""
        posts = [post for post in self.teams.posted if post.conversation_id.startswith(AUDIT.id)]
        return [Seen.of(post) for post in posts]

    def sent_to(self, person: Person) -> list[Seen]:
        """Return the messages in a person's chat with the bot, oldest first."""
        return [Seen.of(posted) for posted in self.teams.posted_to(person)]

    async def read(self, person: Person, secret: str) -> str | None:
        """Read a secret's value with a person's own identity; return None if they can't."""
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
        """Return a person's role assignments in Azure."""
        found: list[Json] = self.sandbox.snapshot()["role_assignments"]
        return [one for one in found if one["principal_id"] == person.object_id]

    def assign_by_hand(self, person: Person) -> str:
        """Assign a person the vault's role, as an admin would; return the assignment's name."""
        vault = self.sandbox.seed.vault_scope(VAULT)
        assignment = StoredAssignment(
            name="60000000-0000-4000-8000-000000000001",
            scope=vault,
            principal_id=person.object_id,
            principal_type="User",
            role=KEY_VAULT_SECRETS_USER,
            description=None,
            condition=None,
            created_on=self.sandbox.clock(),
            created_by=self.sandbox.seed.operator,
        )
        self.sandbox.state.assignments.add(assignment)
        return assignment.name


def _place(conversation_id: str) -> Place:
    if conversation_id.startswith("a:"):
        return Place(conversation_id, "personal")
    return replace(AUDIT, id=conversation_id)
