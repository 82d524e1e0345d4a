"""Capture: find the current version, and how each dependent holds it. It changes nothing."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from domain.reasons import Reason
from domain.rotation.rotation import Rotation
from services.clock import Clock
from services.rotation.dependents.capturing import capture_each
from services.rotation.dependents.kind import Kinds
from services.rotation.dependents.reads import read_each
from services.rotation.dependents.side_by_side import without_faults
from services.rotation.issuers.issuer import Issuer, kind_named
from services.rotation.secret_versions import (
    CREDENTIAL_TAG,
    ROTATION_TAG,
    SecretVersions,
    Version,
)
from services.rotation.step import Drift, StepOutcome, notes
from services.rotation.steps.obstacles import Obstacle, current_version, obstacles
from services.rotation.versions.current_at_end import read_current_at_end
from services.rotation.versions.versions_of import NEW, role_of

Hold = Callable[[Rotation], Awaitable[str]]


class Capture:
    """The first step; it stops at a setting that doesn't hold the current value."""

    def __init__(
        self,
        versions: SecretVersions,
        kinds: Kinds,
        issuers: Mapping[str, Issuer],
        hold: Hold,
        clock: Clock,
    ) -> None:
        """Take the ports; ``hold`` returns the ID of the rotation that holds the secret's lock."""
        self._versions = versions
        self._kinds = kinds
        self._issuers = issuers
        self._hold = hold
        self._clock = clock

    async def probe(self, rotation: Rotation) -> StepOutcome | None:
        return None if rotation.old_version is None else StepOutcome(rotation)

    async def perform(self, rotation: Rotation) -> StepOutcome:
        # Another rotation could take the lock before this one was stored. Now it is stored, and
        # only the rotation that holds the lock gets past this check.
        holder = await self._hold(rotation)
        if holder != rotation.id:
            raise Drift(rotation.secret, Reason("being_rotated", {"rotation_id": holder}))
        terms = rotation.terms
        version, value = await current_version(
            self._versions, terms.vault_name, terms.vault_url, rotation.secret
        )
        if (version.tags.get(ROTATION_TAG), role_of(version)) == (rotation.id, NEW):
            # The table was restored from before that. As both old and new, it would be disabled.
            raise Obstacle(rotation.secret, _done_before(rotation, version))
        issuer = kind_named(self._issuers, terms.issuer)
        if found := obstacles(rotation.secret, terms, issuer, version, value, self._clock()):
            raise Obstacle(rotation.secret, Reason("several_obstacles", parts=tuple(found)))
        held = await read_each(self._kinds, terms.dependents)
        answers = await capture_each(
            self._versions, self._kinds, rotation, (version, value), terms.dependents, held
        )
        captured = without_faults(answers)
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

    async def undo(self, rotation: Rotation) -> StepOutcome:
        if rotation.old_version is None:
            return StepOutcome(rotation)  # nothing was changed
        # This is the last undo: what is said of the current version is read after all others.
        current = await read_current_at_end(self._versions, rotation)
        return StepOutcome(replace(rotation, current_at_end=current))


def _done_before(rotation: Rotation, version: Version) -> Reason:
    return Reason("done_before_restore", {"subject": rotation.secret, "version": version.id[:8]})
