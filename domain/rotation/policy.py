"""The rules for the rotation of one secret."""

from dataclasses import dataclass
from datetime import timedelta

from domain.rotation.rotation import Dependent
from domain.rotation.secret_parts import Part
from domain.secrets import Vault

USUAL_ISSUER = "random"
USUAL_JITTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a secret is rotated automatically: a cron expression in a time zone.

    ``timezone`` is an IANA name. Each run begins up to ``jitter`` later than scheduled.
    """

    cron: str
    timezone: str = "UTC"
    jitter: timedelta = USUAL_JITTER


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationPolicy:
    """How one secret is rotated."""

    secret: str
    vault: Vault
    issuer: str = USUAL_ISSUER
    options: tuple[tuple[str, str], ...] = ()
    """The issuer's own options, by name."""
    dependents: tuple[Dependent, ...] = ()
    overlap: timedelta = timedelta(hours=24)
    max_age: timedelta | None = None
    """How long a new version is valid; None for as long as the previous one."""
    part: Part | None = None
    """The part of the value that is rotated; None for all of it."""
    schedule: Schedule | None = None
    second_admin: bool = False
    """Whether a requested rotation needs the approval of a second admin."""
    after_grant: bool = False
    """Whether to rotate when someone's access to the secret ends."""
    wait_after_grant: timedelta = timedelta()
    """How long to wait then: reads may succeed for some minutes after the end."""
