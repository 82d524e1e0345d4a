"""What a rotation would do: all of it looked up beforehand, and nothing done."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.people import Person
from domain.rotation.expiry import NO_EXPIRY, PlannedExpiry
from domain.rotation.rotation import Dependent, Shape
from domain.rotation.secret_parts import Part

TELLS_NOBODY = (
    "Nothing tells the system that checks this value about the new one: the value is made at "
    "random, and no app setting depends on it. Somebody has to bring it there by hand."
)
"""What a rotation with random values and no dependents leaves to people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedVersion:
    """The version that is current, without its value."""

    id: str
    enabled: bool
    created_at: datetime | None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlannedDependent:
    """A dependent as it stands; ``shape`` is None where its settings could not be read.

    ``fault`` says why a rotation would stop at it: drift, no such app, no permission.
    """

    dependent: Dependent
    shape: Shape | None
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationPlan:
    """What a rotation of one secret would find and do, as of ``at``."""

    secret: str
    vault_name: str
    at: datetime
    old: PlannedVersion | None
    """None where the current version could not be read; a fault says why."""
    issuer: str
    """What makes the new value, with its options, in words."""
    dependents: tuple[PlannedDependent, ...]
    overlap: timedelta
    expiry: PlannedExpiry = NO_EXPIRY
    """When the new version would expire, if it were made now."""
    part: Part | None = None
    """The part of the value that is rotated; None for all of it."""
    approvers: tuple[Person, ...] = ()
    """Admins of whom another one has to agree; empty where none has to."""
    notes: tuple[str, ...] = ()
    """What it would mean for others, as sentences."""
    faults: tuple[str, ...] = ()
    """Why a rotation would stop, dependents aside: each a sentence."""

    @property
    def is_blocked(self) -> bool:
        """Whether a rotation would stop before it writes anything."""
        return bool(self.faults) or any(each.fault for each in self.dependents)
