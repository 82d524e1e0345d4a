"""Whether an admin can still answer about a policy file that waits."""

from domain.policy_file.file import PolicyFile, PolicyFileState
from domain.refusals.policy_files import PolicyFileDecided, PolicyFileReplaced

_OUTCOMES = {PolicyFileState.ADOPTED: "accepted", PolicyFileState.REJECTED: "rejected"}


def require_waiting(file: PolicyFile, digest: str) -> None:
    """Raise unless the file with this digest waits, saying who has decided it."""
    if file.digest != digest:
        raise PolicyFileReplaced
    if file.waits:
        return
    outcome = _OUTCOMES.get(file.state)
    if file.decided_by is None or outcome is None:
        raise PolicyFileReplaced
    raise PolicyFileDecided(outcome, file.decided_by.name)
