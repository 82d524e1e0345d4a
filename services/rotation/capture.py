"""Capture: which version is current, and how each dependent holds it. It changes nothing."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from domain.reasons import Reason
from domain.rotation.rotation import Captured, Dependent, Rotation, Shape
from domain.secrets import SecretValue
from services.clock import Clock
from services.rotation.obstacles import Obstacle, current_version, obstacles
from services.rotation.ports import CREDENTIAL_TAG, AppSettings, SecretVersions, Settings, Version
from services.rotation.references import read_reference
from services.rotation.setting_names import nearest, spelling_of
from services.rotation.step import Drift, StepOutcome, notes

Hold = Callable[[Rotation], Awaitable[str]]


class Capture:
    """The first step; a setting that differs from what the plan expects stops it here."""

    def __init__(
        self, versions: SecretVersions, apps: AppSettings, hold: Hold, clock: Clock
    ) -> None:
        """Take the ports, and what says which rotation holds the secret of a rotation."""
        self._versions = versions
        self._apps = apps
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
        if found := obstacles(rotation.secret, terms, version, value, self._clock()):
            raise Obstacle(rotation.secret, Reason("several_obstacles", parts=tuple(found)))
        captured = [
            capture(dependent, await self._apps.read(dependent.app), rotation, version, value)
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

    async def undo(self, rotation: Rotation) -> StepOutcome:
        return StepOutcome(rotation)


def capture(
    dependent: Dependent,
    settings: Settings,
    rotation: Rotation,
    version: Version,
    value: SecretValue,
) -> Captured:
    """Say how a dependent holds the current value; raises Drift where it holds another.

    What is captured has the setting's name as the app spells it. A setting that does not exist is
    Drift too, unless its policy has it made: a misspelt name would put the secret into a new one.
    """
    spelling = spelling_of(dependent.setting, settings)
    if spelling is None:
        if not dependent.create:
            near = {"near": nearest(dependent.setting, settings)}
            raise Drift(str(dependent), Reason("setting_missing", near))
        return Captured(dependent, Shape.ABSENT)
    dependent, held = replace(dependent, setting=spelling), settings[spelling]
    reference = read_reference(held.reveal())
    if reference is None:
        if held != value:
            raise Drift(str(dependent), Reason("setting_differs"))
        return Captured(dependent, Shape.LITERAL)
    if not reference.is_to(rotation.terms.vault_name, rotation.terms.vault_url, rotation.secret):
        raise Drift(str(dependent), Reason("setting_of_other_secret"))
    if not reference.version:
        return Captured(dependent, Shape.REFERENCE, reference.text)
    if reference.version.lower() != version.id.lower():
        raise Drift(str(dependent), Reason("setting_of_other_version"))
    return Captured(dependent, Shape.PINNED, reference.text)
