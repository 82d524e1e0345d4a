"""What the variables say, upon which the policy file builds."""

from dataclasses import dataclass
from datetime import timedelta

from domain.access.policy import Policy
from domain.rotation.policy import RotationPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """The rules without a policy file, and what names in it are completed with."""

    access: Policy
    """The policy of no secret in particular."""
    requestable: tuple[str, ...]
    rotation: RotationPolicy | None
    """How the one secret is rotated that the variables name."""
    overlap: timedelta
    subscription: str
    resource_group: str
    vault_suffix: str
