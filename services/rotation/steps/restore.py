"""Restore the old value as a new version, since Key Vault can't make an old one current."""

from dataclasses import replace
from http import HTTPStatus

from domain.reasons import Reason
from domain.rotation.rotation import Rotation, RotationEffect
from domain.secrets import SecretValue
from services.faults import Rejected, Unavailable
from services.rotation.secret_versions import SecretVersions, Version
from services.rotation.step import StillUnknown
from services.rotation.steps.issue import required
from services.rotation.steps.validity import as_restored
from services.rotation.versions.hidden import require_none_hidden
from services.rotation.versions.versions_of import NEW, RESTORED, made_by, tags_for


async def restore_value(versions: SecretVersions, rotation: Rotation) -> Rotation:
    """Make the old value current again, once; do nothing if nothing was written.

    Raises Rejected if someone else has since written a version, which stays. If it's the newest, a
    human either puts the old value back, or keeps that version and disables what this rotation
    wrote. If this rotation's hides it, a human writes it again, or disables it.
    """
    if rotation.restored_version or rotation.old_version is None:
        return rotation
    bad = await made_by(versions, rotation, NEW)
    if not bad:
        return rotation
    vault_url, secret = rotation.terms.vault_url, rotation.secret
    old, value = await read_old(versions, rotation)
    made = await made_by(versions, rotation, RESTORED)
    if made:
        restored = made[0].id
    elif rotation.unknown_until and rotation.unknown_effect == RotationEffect.UNDO:
        # The first write could still land after a second one, on top of the next rotation's.
        raise StillUnknown("Key Vault", Reason("restore_unknown"))
    elif foreign := await _foreign_versions(versions, rotation, bad):
        return _settled(rotation, foreign, value, bad)
    else:
        await require_none_hidden(versions, rotation, bad[0])
        successor = replace(as_restored(old), tags=tags_for(rotation, old, RESTORED))
        restored = await versions.write(vault_url, secret, value, successor)
    await _read_back(versions, rotation, restored, value, bad)
    return replace(rotation, restored_version=restored)


async def read_old(versions: SecretVersions, rotation: Rotation) -> tuple[Version, SecretValue]:
    """Read the version that is to be restored; raises Rejected, saying what to do about that."""
    old = required(rotation.old_version)
    try:
        return await versions.read(rotation.terms.vault_url, rotation.secret, old)
    except Rejected as fault:
        if fault.status == HTTPStatus.NOT_FOUND:
            raise
        unreadable = Reason("old_version_unreadable", {"version": old, "cause": fault.cause})
        raise Rejected(fault.service, unreadable, status=fault.status, code=fault.code) from fault


async def _foreign_versions(
    versions: SecretVersions, rotation: Rotation, bad: list[Version]
) -> tuple[Version, SecretValue] | None:
    """Find a newer version by someone else; None if this rotation's is the newest."""
    try:
        current, value = await versions.current(rotation.terms.vault_url, rotation.secret)
    except Rejected:
        # It exists, so it was disabled by hand: there is no current value to overwrite.
        return None
    if current.id == rotation.old_version:
        raise Unavailable(
            "Key Vault",
            Reason("restore_not_shown"),
            outcome_unknown=False,
        )
    return None if current.id in {version.id for version in bad} else (current, value)


def _settled(
    rotation: Rotation,
    foreign: tuple[Version, SecretValue],
    value: SecretValue,
    bad: list[Version],
) -> Rotation:
    """Keep someone else's version; raises Rejected until a human has settled the matter.

    It's settled once it holds the old value, or all of this rotation's versions are disabled.
    """
    current, theirs = foreign
    if theirs == value:
        return replace(rotation, restored_version=current.id)
    if live := [version.id for version in bad if version.enabled]:
        found = {"version": current.id, "bad": live[0]}
        raise Rejected("Key Vault", Reason("restore_under_others", found))
    return rotation


async def _read_back(
    versions: SecretVersions,
    rotation: Rotation,
    restored: str,
    value: SecretValue,
    bad: list[Version],
) -> None:
    current, read = await versions.current(rotation.terms.vault_url, rotation.secret)
    is_late = current.id in {rotation.old_version, *(version.id for version in bad)}
    if is_late or (current.id == restored and read != value):
        raise Unavailable("Key Vault", Reason("restore_not_read_back"), outcome_unknown=False)
    if current.id == restored:
        await require_none_hidden(versions, rotation, current)
