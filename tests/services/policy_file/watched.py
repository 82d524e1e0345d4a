"""A replica that watches its own policy file, of which each line names a requestable secret."""

from collections.abc import Awaitable, Callable
from copy import copy
from pathlib import Path

from domain.policies.rule import Rule
from domain.policy_file.file import WORKFLOW_ID, PolicyFile
from services.policies import Policies
from services.policy_file.answers import PolicyFileAnswers
from services.policy_file.contents import Contents
from services.policy_file.in_force import RulesInForce
from services.policy_file.problems import PolicyFileError
from services.policy_file.proposals import Proposals
from services.policy_file.sightings import Sightings
from services.policy_file.snapshot import look_at
from services.policy_file.watch import PolicyFileMoves, PolicyWatch
from services.storage.documents import Documents
from tests.support.builders import a_policy
from tests.support.replica import Replica, World
from tests.support.tables.crashing_table import Crash


def read(content: bytes) -> Policies:
    """Parse requestable names; ``!`` stands for an error, and ``4`` for four eyes."""
    names = content.decode().split()
    if "!" in names:
        raise PolicyFileError(["line 1: one fault", "line 2: another"])
    rules = tuple(Rule(name, a_policy(secret=name)) for name in names if name != "4")
    return Policies(a_policy(), rules, four_eyes="4" in names)


class Watched:
    """A deployment that watches its own policy file."""

    def __init__(self, file: Path, world: World | None = None, crash: Crash | None = None) -> None:
        self.file = file
        self.replica = Replica(world or World(rules=read(file.read_bytes())), crash)
        self.replica.engine.register(PolicyFile, PolicyFileMoves())
        self.followed = 0
        self.follow: Callable[[], Awaitable[None]] = self._follow
        core = self.replica.core
        documents = Documents(core.table)
        contents = Contents(documents)
        in_force = RulesInForce(core.policies, read, contents, core.workflows)
        proposals = Proposals(
            in_force,
            contents,
            Sightings(documents, core.clock),
            core.admins,
            core.principals,
            core.workflows,
            core.engine,
            core.clock,
            core.advance_soon,
        )
        self.watch = PolicyWatch(
            file, look_at(file), read, in_force, proposals, lambda: self.follow()
        )
        self.answers = PolicyFileAnswers(
            core.workflows,
            core.engine,
            core.admins,
            core.clock,
            core.advance_soon,
            self.watch.keep_up_soon,
        )

    def beside(self, file: Path) -> "Watched":
        """Return another replica in the same world, with a file of its own; it hasn't begun."""
        world = copy(self.replica.world)
        world.policies = read(file.read_bytes())
        return Watched(file, world)

    async def _follow(self) -> None:
        self.followed += 1

    def write(self, text: str) -> None:
        self.file.write_text(text, encoding="utf-8")

    async def see(self, text: str) -> None:
        """Change the file, and check until the change counts."""
        self.write(text)
        await self.watch.check()
        await self.watch.check()
        await self.replica.settle()

    async def look(self) -> None:
        """Check as often as it takes for a change to count."""
        for _ in range(3):
            await self.watch.check()

    async def events(self) -> list[str]:
        """Return the kinds of the events so far, without what they begin with."""
        kinds = await self.replica.event_kinds(WORKFLOW_ID)
        return [kind.removeprefix("policy_") for kind in kinds]

    async def lose(self) -> None:
        """Delete the file, and check until the deletion counts."""
        self.file.unlink()
        await self.watch.check()
        await self.watch.check()

    def requestable(self) -> list[str]:
        return [one.secret for one in self.replica.world.policies.all()]

    def posted(self) -> list[str]:
        return [
            key for key in self.replica.world.message_sender.posted() if key.startswith("policy-")
        ]
