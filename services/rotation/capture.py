"""Capture: which version is current, and how each dependent holds it. It changes nothing."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from domain.reasons import Reason
from domain.rotation.rotation import Dependent, Rotation
from services.clock import Clock
from services.rotation.dependents.capturing import capture
from services.rotation.dependents.kind import Entries, Kinds, kind_of
from services.rotation.issuers.issuer import Issuer, kind_named
from services.rotation.obstacles import Obstacle, current_version, obstacles
from services.rotation.secret_versions import CREDENTIAL_TAG, SecretVersions
from services.rotation.step import Drift, StepOutcome, notes

Hold = Callable[[Rotation], Awaitable[str]]


class Capture:
    """The first step; a setting that differs from what the plan expects stops it here."""

    def __init__(
        self,
        versions: SecretVersions,
        kinds: Kinds,
        issuers: Mapping[str, Issuer],
        hold: Hold,
        clock: Clock,
    ) -> None:
        """Take the ports, and what says which rotation holds the secret of a rotation."""
        self._versions = versions
        self._kinds = kinds
        self._issuers = issuers
        self._hold = hold
        self._clock = clock

    async def probe(self, rotation: Rotation) -> StepOutcome | None:
        return None if rotation.old_version is None else StepOutcome(rotation)

    async def perform(self, rotation: Rotation) -> StepOutcome:
        # A lock whose rotation is not stored yet is free to take. Now this one is stored, and who
        # holds the lock from here on is the only one that gets past this line.
        holder = await self._hold(rotation)
        if holder != rotation.id:
            raise Drift(rotation.secret, Reason("being_rotated", {"rotation_id": holder}))
        terms = rotation.terms
        version, value = await current_version(
            self._versions, terms.vault_name, terms.vault_url, rotation.secret
        )
        issuer = kind_named(self._issuers, terms.issuer)
        if found := obstacles(rotation.secret, terms, issuer, version, value, self._clock()):
            raise Obstacle(rotation.secret, Reason("several_obstacles", parts=tuple(found)))
        captured = [
            capture(dependent, await self._read(dependent), rotation, version, value)
            for dependent in terms.dependents
        ]
        head = replace(
            rotation,
            old_version=version.id,
            captured=tuple(captured),
            old_credential=version.tags.get(CREDENTIAL_TAG, ""),
        )
        shapes = [
            Reason("captured_as", {"dependent": str(one.dependent), "shape": str(one.shape)})
            for one in captured
        ]
        return StepOutcome(head, notes(shapes) or Reason("no_dependents"))

    async def _read(self, dependent: Dependent) -> Entries:
        return await kind_of(self._kinds, dependent).read(dependent.app)

    async def undo(self, rotation: Rotation) -> StepOutcome:
        return StepOutcome(rotation)
