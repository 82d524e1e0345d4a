"""Detect how a dependent holds a secret, for the plan and for the start of a rotation."""

from collections.abc import Sequence
from dataclasses import replace

from domain.reasons import Reason
from domain.rotation.rotation import Captured, Dependent, Rotation, Shape
from domain.secrets import SecretValue
from services.faults import Fault
from services.rotation.dependents.kind import Entries, Kinds, kind_of
from services.rotation.dependents.names import nearest, spelling_of
from services.rotation.dependents.references import read_reference
from services.rotation.dependents.side_by_side import answers_of
from services.rotation.secret_versions import SecretVersions, Version
from services.rotation.step import Drift


async def capture_each(
    versions: SecretVersions,
    kinds: Kinds,
    rotation: Rotation,
    current: tuple[Version, SecretValue],
    dependents: Sequence[Dependent],
    held: Sequence[Entries | Fault],
) -> list[Captured | Fault]:
    """Return how each dependent holds the current value, or why a rotation would stop at it.

    ``held`` is what each one's app holds, or why it can't be read.
    """
    return await answers_of(
        _capture(versions, kinds, rotation, current, dependent, entries)
        for dependent, entries in zip(dependents, held, strict=True)
    )


async def _capture(
    versions: SecretVersions,
    kinds: Kinds,
    rotation: Rotation,
    current: tuple[Version, SecretValue],
    dependent: Dependent,
    entries: Entries | Fault,
) -> Captured:
    """Return how a dependent holds the current value.

    Raises Drift if it holds another one, or a reference that App Service can't resolve. The result
    has the app's spelling of the setting's name. A missing setting is Drift too, unless the policy
    says to create it: a misspelt name would put the secret into a new setting.
    """
    if isinstance(entries, Fault):
        raise entries
    spelling = spelling_of(dependent.setting, entries)
    if spelling is None:
        if not dependent.create:
            near = {"near": nearest(dependent.setting, entries)}
            raise Drift(str(dependent), Reason("setting_missing", near))
        return Captured(dependent, Shape.ABSENT)
    dependent, held = replace(dependent, setting=spelling), entries[spelling].value
    reference = read_reference(held.reveal())
    if reference is None:
        _, value = current
        if held != value:
            raise Drift(str(dependent), Reason("setting_differs"))
        return Captured(dependent, Shape.LITERAL)
    if not reference.is_to(rotation.terms.vault_name, rotation.terms.vault_url, rotation.secret):
        raise Drift(str(dependent), Reason("setting_of_other_secret"))
    if not reference.version:
        await kind_of(kinds, dependent).require_resolvable(dependent)
        return Captured(dependent, Shape.REFERENCE, reference.text)
    if not await _holds_current_value(versions, rotation, current, reference.version):
        raise Drift(str(dependent), Reason("setting_of_other_version"))
    await kind_of(kinds, dependent).require_resolvable(dependent)
    return Captured(dependent, Shape.PINNED, reference.text)


async def _holds_current_value(
    versions: SecretVersions,
    rotation: Rotation,
    current: tuple[Version, SecretValue],
    pinned: str,
) -> bool:
    """Say whether a version is the current one, or an enabled one with the same value.

    A rollback makes the old value current as a new version, and leaves references as they were.
    """
    version, value = current
    if pinned.lower() == version.id.lower():
        return True
    vault_url, secret = rotation.terms.vault_url, rotation.secret
    listed = await versions.list(vault_url, secret)
    # Only a version that exists is read: what a setting names can be any text.
    found = next((one for one in listed if one.id.lower() == pinned.lower()), None)
    if found is None or not found.enabled:
        return False
    _, held = await versions.read(vault_url, secret, found.id)
    return held == value
