"""A secret of a request, and what opens it."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One secret of a request: where it is, which role opens it, and what follows the grant."""

    secret: str
    vault: str
    vault_url: str
    role: str
    scope: str
    exposes: int | None = None
    """How many secrets the scope exposes; None if they couldn't be counted."""
    not_requestable: int | None = None
    """How many of those no one can request; None if unknown."""
    secret_scope: str = ""
    """The scope of the secret alone, if an approver can narrow the grant to it."""
    rotate_after: bool = False
    """Whether to rotate the secret when the grant ends."""
    rotation_waits: timedelta = timedelta()
    """How long after the end that rotation is due."""
    allow_locked: bool = False
    """Whether to grant access even if a resource lock will prevent its revocation."""

    @property
    def vault_id(self) -> str:
        """The ARM resource ID of its vault."""
        return (self.secret_scope or self.scope).partition("/secrets/")[0]

    @property
    def can_be_narrowed(self) -> bool:
        return bool(self.secret_scope) and self.secret_scope != self.scope


@dataclass(frozen=True, slots=True)
class StandingPermission:
    """Access to a secret that someone already has through a role Latchkey didn't assign."""

    secret: str
    role: str
    scope: str
    by_group: bool = False
