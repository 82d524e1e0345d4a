"""The policy file, if there is one: its changes apply while the bot runs."""

from composition.access import AccessServices
from composition.core import Core
from composition.kinds import KINDS
from composition.rotation import RotationServices
from config import Settings, rules_of
from domain.policy_file.file import PolicyFile
from services.policies import Policies
from services.policy_file.answers import PolicyFileAnswers
from services.policy_file.contents import Contents
from services.policy_file.in_force import RulesInForce
from services.policy_file.proposals import Proposals
from services.policy_file.sightings import Sightings
from services.policy_file.snapshot import FileSnapshot
from services.policy_file.watch import PolicyFileMoves, PolicyWatch
from services.storage.documents import Documents


def compose_policy_watch(
    settings: Settings,
    seen: FileSnapshot | None,
    core: Core,
    access: AccessServices,
    rotation: RotationServices,
) -> PolicyWatch | None:
    """Construct the file's watch, given its state before it was read; None without a file."""
    # Always registered: the table may hold changes of a file that was configured earlier.
    core.engine.register(PolicyFile, PolicyFileMoves())
    if settings.policy_file is None or seen is None:
        return None

    async def follow() -> None:
        await rotation.schedules.sync()
        await access.following.follow()

    def read(content: bytes) -> Policies:
        return rules_of(content, settings, KINDS)

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
    return PolicyWatch(settings.policy_file, seen, read, in_force, proposals, follow)


def compose_policy_answers(core: Core, watch: PolicyWatch | None) -> PolicyFileAnswers:
    """Construct what admins answer with; without a file, cards of an earlier one may be left."""
    return PolicyFileAnswers(
        core.workflows,
        core.engine,
        core.admins,
        core.clock,
        core.advance_soon,
        watch.keep_up_soon if watch else _nothing,
    )


async def _nothing() -> None:
    """Do nothing: no file's rules are in force."""
