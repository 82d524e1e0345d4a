"""What a rotation would do: looked up beforehand, without changing anything."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.people import Group, Person
from domain.reasons import Reason
from domain.rotation.expiry import NO_EXPIRY, PlannedExpiry
from domain.rotation.rotation import Dependent, Shape
from domain.rotation.secret_parts import Part

TELLS_NOBODY = Reason("tells_nobody")
"""A note for rotations with random values and no dependents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedVersion:
    """The current version, without its value."""

    id: str
    enabled: bool
    created_at: datetime | None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlannedDependent:
    """A dependent as it is now; ``shape`` is None if its settings couldn't be read.

    ``fault`` says why a rotation would stop at it: drift, no such app, no permission.
    """

    dependent: Dependent
    shape: Shape | None
    fault: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationPlan:
    """What a rotation of one secret would find and do, as of ``at``."""

    secret: str
    vault_name: str
    at: datetime
    old: PlannedVersion | None
    """None if the current version couldn't be read; ``faults`` says why."""
    issuer: str
    """What issues the new value, with its options, in words."""
    dependents: tuple[PlannedDependent, ...]
    overlap: timedelta
    expiry: PlannedExpiry = NO_EXPIRY
    """When the new version would expire if created now."""
    part: Part | None = None
    """The part of the value that is rotated; None for all of it."""
    approvers: tuple[Person, ...] = ()
    """Admins who would be asked for the second approval; empty if none is needed."""
    admin_groups: tuple[Group, ...] = ()
    """Groups whose other members could give it too."""
    rules: str = ""
    """The digest of the rules that it shows."""
    notes: tuple[Reason, ...] = ()
    """What it would mean for others."""
    faults: tuple[Reason, ...] = ()
    """Why a rotation would stop, dependents aside."""

    @property
    def is_blocked(self) -> bool:
        """Whether a rotation would stop before writing anything."""
        return bool(self.faults) or any(each.fault for each in self.dependents)
