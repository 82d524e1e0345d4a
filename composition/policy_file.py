"""The policy file: followed while the bot runs, where there is one."""

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
    """Construct what follows the file, given how it looked before it was read; None without one."""
    # Registered in any case: the table may hold the changes of a file that was configured before.
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
