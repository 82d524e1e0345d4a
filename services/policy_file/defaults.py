"""The defaults from environment variables, which the policy file builds on."""

from dataclasses import dataclass
from datetime import timedelta

from domain.access.rules.policy import Policy
from domain.rotation.policy import RotationPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """The rules without a policy file, and what completes the names in it."""

    access: Policy
    """The default policy, which belongs to no particular secret."""
    requestable: tuple[str, ...]
    rotation: RotationPolicy | None
    """How the secret named by the variables is rotated."""
    overlap: timedelta
    subscription: str
    resource_group: str
    vault_suffix: str
    missing_for_sign_in: tuple[str, ...] = ()
    """The variables without which nobody can confirm anything with a sign-in."""
