"""The rules for one secret, and the decisions that follow from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from domain import refusals
from domain.people import Person
from domain.refusals import Refusal
from domain.secrets import Vault, is_secret_name

LONGEST_JUSTIFICATION = 1_000


class ScopeKind(StrEnum):
    """How much of a vault an assignment opens."""

    VAULT = "vault"
    SECRET = "secret"  # noqa: S105 - the name of a kind of scope


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether something is allowed, with the reason where it is not."""

    reason: Refusal | None = None

    @property
    def allowed(self) -> bool:
        return self.reason is None


ALLOWED = Decision()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules for one secret; ``approvers`` as configured: emails or Entra object ids."""

    secret: str
    vault: Vault
    approvers: tuple[str, ...]
    min_approvals: int
    shortest: timedelta
    longest: timedelta
    pending_for: timedelta
    role: str
    scope_kind: ScopeKind

    @property
    def scope(self) -> str:
        if self.scope_kind is ScopeKind.SECRET:
            return self.vault.secret_scope(self.secret)
        return self.vault.resource_id


def decide_secret(name: str, policy: Policy | None) -> Decision:
    """Decide whether a secret may be asked for at all; no policy covers an unlisted one."""
    if not is_secret_name(name):
        return Decision(refusals.NotASecretName())
    if policy is None:
        return Decision(refusals.NotRequestable(name))
    return ALLOWED


def decide_window(shortest: timedelta, longest: timedelta, window: timedelta | None) -> Decision:
    """Decide whether a window lies within the bounds; None stands for an unreadable one."""
    if window is None:
        return Decision(refusals.UnreadableDuration())
    if not shortest <= window <= longest:
        return Decision(refusals.DurationOutOfBounds(shortest, longest))
    return ALLOWED


def decide_justification(text: str) -> Decision:
    """Decide whether a justification says something, and not too much."""
    visible = text.strip()
    if not any(character.isalnum() for character in visible):
        return Decision(refusals.JustificationMissing())
    if len(visible) > LONGEST_JUSTIFICATION:
        return Decision(refusals.JustificationTooLong(len(visible), LONGEST_JUSTIFICATION))
    return ALLOWED


def decide_approvers(policy: Policy, approvers: Sequence[Person], requester_id: str) -> Decision:
    """Decide whether enough people other than the requester could approve."""
    others = {person.object_id for person in approvers} - {requester_id}
    if len(others) < policy.min_approvals:
        return Decision(refusals.NobodyCanApprove(policy.secret))
    return ALLOWED
