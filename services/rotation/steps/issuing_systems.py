"""The system that issues a rotation's credentials: by the next one, a policy may name another.

Then the credential in the old version isn't the new issuer's to remove, and the rules in force no
longer name the system that issued it.
"""

from collections.abc import Awaitable, Callable, Mapping

from domain.rotation.rotation import Rotation
from services.rotation.issuers.issuer import Issuer, kind_named
from services.rotation.secret_versions import (
    CREDENTIAL_TAG,
    ROTATION_TAG,
    SecretVersions,
    Version,
)

Find = Callable[[str], Awaitable[Rotation | None]]
"""Returns a rotation by its ID; None if there is none, or it was archived."""


def needs_slot_of(issuers: Mapping[str, Issuer], rotation: Rotation, earlier: Rotation) -> bool:
    """Say whether a rotation issues into the slot of an earlier one's old credential."""
    if not kind_named(issuers, rotation.terms.issuer).reuses_slots or not earlier.credential:
        return False
    return _system(issuers, rotation) == _system(issuers, earlier)


async def other_issuer_of(
    versions: SecretVersions,
    issuers: Mapping[str, Issuer],
    find: Find,
    rotation: Rotation,
    version: Version,
) -> str | None:
    """Name the issuer of a version's credential, if it isn't the rotation's own; None if it is.

    The name is empty if only this is known: that it must be another one.
    """
    if not version.tags.get(CREDENTIAL_TAG):
        return None
    issuing = await _issuing(versions, find, rotation, version)
    if issuing is None:
        return None if kind_named(issuers, rotation.terms.issuer).issues_credentials else ""
    name, place = _system(issuers, issuing)
    if (name, place) == _system(issuers, rotation):
        return None
    return f"{name} {place}".strip()


async def _issuing(
    versions: SecretVersions, find: Find, rotation: Rotation, version: Version
) -> Rotation | None:
    """Return the rotation that issued a version's credential; None if it isn't on record.

    A version that a rollback restored has the credential of the version from before.
    """
    credential = version.tags[CREDENTIAL_TAG]
    maker = await find(version.tags.get(ROTATION_TAG, ""))
    if maker is None or maker.credential == credential:
        return maker
    listed = await versions.list(rotation.terms.vault_url, rotation.secret)
    makers = {one.id: one.tags.get(ROTATION_TAG, "") for one in listed}
    while maker and maker.credential != credential:
        # Each version is looked up once, so this ends.
        maker = await find(makers.pop(maker.old_version or "", ""))
    return maker


def _system(issuers: Mapping[str, Issuer], rotation: Rotation) -> tuple[str, str]:
    """Return an issuer's name, and the resource or application in which it issues."""
    rights = kind_named(issuers, rotation.terms.issuer).needs(rotation.terms.options)
    return rotation.terms.issuer, (rights.resource or rights.application).lower()
