"""Checks to pass before the old version is disabled or its credential removed."""

from http import HTTPStatus

from domain.reasons import Reason
from domain.rotation.rotation import Rotation
from domain.secrets import SecretValue
from services.faults import Rejected, Unavailable
from services.rotation.insistence import raise_unless_insisted_on
from services.rotation.issuers.issuer import Issuer
from services.rotation.secret_versions import (
    CREDENTIAL_TAG,
    ROTATION_TAG,
    SecretVersions,
    Version,
)
from services.rotation.step import Drift, NotYet
from services.rotation.steps.deleted import gone
from services.rotation.steps.issue import required
from services.rotation.steps.issuing_systems import Find
from services.rotation.steps.parts import held_part
from services.rotation.versions.hidden import require_none_hidden
from services.rotation.versions.versions_of import RESTORED, ids_made_by, role_of


async def require_successor(
    versions: SecretVersions, issuer: Issuer, rotation: Rotation, find: Find
) -> Reason | None:
    """Check that the secret has another valid version; return a note if it needs none.

    Raises Rejected or Drift if the old version, credential or value is current again, or if someone
    else has written the current version, so that its validity is unknown, or one that a version of
    this rotation hides. Raises NotYet while the
    issuer doesn't show the current version's credential.
    """
    try:
        current, value = await versions.current(rotation.terms.vault_url, rotation.secret)
    except Rejected as fault:
        raise_unless_insisted_on(rotation, _no_current_version(fault))
        return Reason("no_current_version")
    _require_other(rotation, current)
    if await _is_ours(versions, rotation, current):
        _require_verified(rotation, current)
        await require_none_hidden(versions, rotation, current)
        await _require_alive(issuer, rotation, current, value)
        return None
    if value == await _old_value(versions, rotation):
        raise_unless_insisted_on(rotation, Drift(rotation.secret, Reason("old_value_again")))
    if not await _is_by_later(rotation, current, find):
        # Latchkey's later rotations check their own versions; others may be invalid.
        by_others = Reason("successor_by_others", {"version": current.id})
        raise_unless_insisted_on(rotation, Rejected("Key Vault", by_others))
    return None


def _require_verified(rotation: Rotation, current: Version) -> None:
    """Check that a version of this rotation holds what was verified: no late write did it."""
    if current.id != rotation.new_version and role_of(current) != RESTORED:
        raise Unavailable("Key Vault", Reason("new_version_not_current"), outcome_unknown=False)


async def _is_ours(versions: SecretVersions, rotation: Rotation, current: Version) -> bool:
    if current.id == rotation.new_version:
        return True
    return current.id in await ids_made_by(versions, rotation)


async def _is_by_later(rotation: Rotation, current: Version, find: Find) -> bool:
    """Say whether a later rotation wrote a version; an earlier one's may have landed late."""
    tag = current.tags.get(ROTATION_TAG, "")
    if tag in {"", rotation.id}:
        return False  # with its own tags, someone else has copied them
    other = await find(tag)
    return other is None or other.asked_at >= rotation.asked_at


def _no_current_version(fault: Rejected) -> Rejected:
    if fault.status == HTTPStatus.NOT_FOUND:
        return gone(fault)
    unusable = Reason("no_usable_version", {"cause": fault.cause})
    return Rejected(fault.service, unusable, status=fault.status, code=fault.code)


async def _old_value(versions: SecretVersions, rotation: Rotation) -> SecretValue | None:
    vault_url, old = rotation.terms.vault_url, required(rotation.old_version)
    try:
        _, value = await versions.read(vault_url, rotation.secret, old)
    except Rejected:
        return None  # an earlier try has already disabled it, or it no longer exists
    return value


def _require_other(rotation: Rotation, current: Version) -> None:
    if current.id == required(rotation.old_version):
        raise Rejected("Key Vault", Reason("old_version_current"))
    if rotation.old_credential and rotation.old_credential == current.tags.get(CREDENTIAL_TAG):
        raise Rejected("Key Vault", Reason("old_credential_current"))


async def _require_alive(
    issuer: Issuer, rotation: Rotation, current: Version, value: SecretValue
) -> None:
    credential = current.tags.get(CREDENTIAL_TAG, rotation.credential)
    try:
        is_alive = await issuer.is_alive(rotation, credential, held_part(rotation, value))
    except Rejected as fault:
        if fault.status != HTTPStatus.NOT_FOUND:
            raise
        raise_unless_insisted_on(rotation, gone(fault))
        return
    if not is_alive:
        raise NotYet(rotation.terms.issuer, Reason("credential_not_valid"))
