"""What blocks a rotation before anything is written; checked by the plan and at the start."""

from dataclasses import replace
from datetime import datetime

from domain.reasons import Reason
from domain.rotation.rotation import RotationTerms
from domain.rotation.secret_parts import part_of, structure_of
from domain.secrets import SecretValue
from services.faults import Fault, Rejected
from services.rotation.issuers.issuer import IssuerKind
from services.rotation.secret_versions import CREDENTIAL_TAG, SecretVersions, Version
from services.rotation.steps.validity import lifetime_of
from services.rotation.versions.versions_of import OUR_TAGS

MOST_TAGS = 15
"""How many tags a version can have (Microsoft Learn, "About Azure Key Vault secrets")."""


class Obstacle(Rejected):
    """The rotation can't begin; the text says what to do about it."""


async def current_version(
    versions: SecretVersions, vault_name: str, vault_url: str, secret: str
) -> tuple[Version, SecretValue]:
    """Read the current version; raises Obstacle if the secret is deleted but recoverable."""
    try:
        return await versions.current(vault_url, secret)
    except Rejected as fault:
        if not await _is_deleted(versions, vault_url, secret):
            raise
        why = Reason("secret_deleted", {"subject": secret, "vault": vault_name})
        raise Obstacle(secret, why, status=fault.status, code=fault.code) from None


def obstacles(
    secret: str,
    terms: RotationTerms,
    issuer: IssuerKind,
    version: Version,
    value: SecretValue,
    now: datetime,
) -> list[Reason]:
    """Return why a rotation of this version of a secret would fail."""
    found = [
        *_managed(version),
        *_validity(terms, version, now),
        *_tags(issuer, version),
        *_structure(terms, issuer, version, value),
    ]
    return [replace(one, params={"subject": secret, **one.params}) for one in found]


async def _is_deleted(versions: SecretVersions, vault_url: str, secret: str) -> bool:
    try:
        return await versions.is_deleted(vault_url, secret)
    except Fault:
        return False  # the error of the secret's read is reported instead


def _managed(version: Version) -> list[Reason]:
    return [Reason("secret_of_certificate")] if version.managed else []


def _validity(terms: RotationTerms, version: Version, now: datetime) -> list[Reason]:
    found: list[Reason] = []
    if version.not_before and version.not_before > now:
        found.append(Reason("secret_not_valid_yet", {"not_before": version.not_before.isoformat()}))
    if version.expires_at and not terms.max_age and lifetime_of(version) is None:
        found.append(Reason("secret_expired_before"))
    return found


def _tags(issuer: IssuerKind, version: Version) -> list[Reason]:
    """Check that the tags fit on both versions that a rotation may make: the new, the restored."""
    credential = {CREDENTIAL_TAG} if issuer.issues_credentials else set()
    theirs = set(version.tags) - OUR_TAGS - {CREDENTIAL_TAG}
    held = set(version.tags) & {CREDENTIAL_TAG}
    ours = OUR_TAGS | max(credential, held, key=len)
    if len(theirs) + len(ours) <= MOST_TAGS:
        return []
    counts = {
        "theirs": len(theirs),
        "ours": len(ours),
        "most": MOST_TAGS,
        "excess": len(theirs) + len(ours) - MOST_TAGS,
    }
    return [Reason("too_many_tags", counts)]


def _structure(
    terms: RotationTerms, issuer: IssuerKind, version: Version, value: SecretValue
) -> list[Reason]:
    structure = structure_of(version.content_type, value)
    if terms.part:
        if part_of(value, terms.part) is None:
            return [Reason("part_missing", {"part": str(terms.part)})]
        return []
    if structure is None or issuer.keeps_structure(terms.options):
        return []
    return [Reason("structure_destroyed", {"structure": str(structure)})]
