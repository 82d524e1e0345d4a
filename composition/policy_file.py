"""The policy file, if there is one: its changes apply while the bot runs."""

from composition.access import AccessServices
from composition.core import Core
from composition.kinds import KINDS
from composition.rotation import RotationServices
from config import Settings, rules_of
from domain.policy_file import PolicyFile
from services.policy_file.watch import FileSnapshot, PolicyFileMoves, PolicyWatch


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
        await access.approvers.follow()

    return PolicyWatch(
        settings.policy_file,
        seen,
        lambda content: rules_of(content, settings, KINDS),
        core.policies,
        core.workflows,
        core.engine,
        core.clock,
        core.advance_soon,
        follow,
    )
