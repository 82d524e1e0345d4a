"""The policy file as a workflow: which file is in force, and which one waits for an admin."""

from dataclasses import dataclass
from enum import StrEnum

from domain.people import Actor

WORKFLOW_ID = "policy-file"
"""There is only one, shared by all replicas."""


class PolicyFileState(StrEnum):
    ADOPTED = "adopted"
    REFUSED = "refused"
    """It has errors."""
    WAITING = "waiting"
    """It allows more than the file in force, so an admin has to accept it."""
    REJECTED = "rejected"
    """An admin rejected it."""


class PolicyFileEvent(StrEnum):
    ADOPTED = "policy_adopted"
    REFUSED = "policy_refused"
    WAITS = "policy_waits"
    ACCEPTED = "policy_accepted"
    REJECTED = "policy_rejected"
    WITHDRAWN = "policy_withdrawn"
    """A file that waited was replaced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFile:
    """The policy file as last read; ``digest`` is the SHA-256 of its content."""

    id: str
    state: PolicyFileState
    digest: str
    in_force: str = ""
    """The digest of the file whose rules are in force; empty if that isn't known."""
    four_eyes: bool = False
    """Whether the file in force wants an admin to accept what widens it."""
    next_four_eyes: bool = False
    """Whether the file that waits for an admin will want that too."""
    decided_by: Actor | None = None
    """The admin who accepted or rejected the file."""
    refused: str | None = None
    """The digest of a file with errors that came while this one waited, and changed nothing."""

    @property
    def waits(self) -> bool:
        return self.state is PolicyFileState.WAITING

    @property
    def with_errors(self) -> str | None:
        """The digest of the newest file if it has errors; empty if it can't be read."""
        return self.digest if self.state is PolicyFileState.REFUSED else self.refused
