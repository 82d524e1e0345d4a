"""What stands in the way of a rotation before anything is written: the plan and the start ask."""

from datetime import datetime

from domain.rotation.rotation import RotationTerms
from domain.rotation.secret_parts import Structure, part_of, structure_of
from domain.secrets import SecretValue
from services.faults import Fault, Rejected
from services.rotation.issuers.issuer import IssuerKind
from services.rotation.secret_versions import CREDENTIAL_TAG, SecretVersions, Version
from services.rotation.validity import lifetime_of
from services.rotation.versions_of import OUR_TAGS

MOST_TAGS = 15
"""How many tags a version can have (Microsoft Learn, "About Azure Key Vault secrets")."""

_PARTS = {
    Structure.JSON: 'field = "/…"',
    Structure.CONNECTION_STRING: 'key = "…"',
}


class Obstacle(Rejected):
    """A sentence that says why the rotation of a secret cannot begin, and what to do about it."""


async def current_version(
    versions: SecretVersions, vault_name: str, vault_url: str, secret: str
) -> tuple[Version, SecretValue]:
    """Read the current version; raises Obstacle where the secret was deleted and can come back."""
    try:
        return await versions.current(vault_url, secret)
    except Rejected as fault:
        if not await _is_deleted(versions, vault_url, secret):
            raise
        sentence = (
            f"was deleted, and can be recovered: az keyvault secret recover "
            f"--vault-name {vault_name} --name {secret}; or purge it, and make it anew"
        )
        raise Obstacle(secret, sentence, status=fault.status, code=fault.code) from None


def obstacles(
    terms: RotationTerms, issuer: IssuerKind, version: Version, value: SecretValue, now: datetime
) -> list[str]:
    """Return why a rotation of this version would fail, each as a sentence without its subject."""
    return [
        *_managed(version),
        *_validity(terms, version, now),
        *_tags(issuer, version),
        *_structure(terms, issuer, version, value),
    ]


async def _is_deleted(versions: SecretVersions, vault_url: str, secret: str) -> bool:
    try:
        return await versions.is_deleted(vault_url, secret)
    except Fault:
        return False  # what the read of the secret met with is told instead


def _managed(version: Version) -> list[str]:
    if not version.managed:
        return []
    sentence = (
        "belongs to a certificate, and Key Vault alone writes it: renew the certificate instead, "
        "and take the rotation of this secret out of the policy"
    )
    return [sentence]


def _validity(terms: RotationTerms, version: Version, now: datetime) -> list[str]:
    found: list[str] = []
    if version.not_before and version.not_before > now:
        found.append(
            f"has a current version that is not to be used before "
            f"{version.not_before:%d %b %Y, %H:%M} UTC (its nbf), though Key Vault gives it to "
            f"everybody already: rotate after that, or change its nbf"
        )
    if version.expires_at and not terms.max_age and lifetime_of(version) is None:
        found.append(
            "has a current version that expired before it was made, so nothing says how long the "
            "next one is valid: set max_age in the policy"
        )
    return found


def _tags(issuer: IssuerKind, version: Version) -> list[str]:
    """Count the tags of the versions that a rotation makes: the new one, and the restored one."""
    credential = {CREDENTIAL_TAG} if issuer.issues_credentials else set()
    theirs = set(version.tags) - OUR_TAGS - {CREDENTIAL_TAG}
    held = set(version.tags) & {CREDENTIAL_TAG}
    ours = OUR_TAGS | max(credential, held, key=len)
    if len(theirs) + len(ours) <= MOST_TAGS:
        return []
    sentence = (
        f"has {len(theirs)} tags of its own, and Latchkey adds {len(ours)}: Key Vault takes "
        f"{MOST_TAGS} in all, so remove {len(theirs) + len(ours) - MOST_TAGS}"
    )
    return [sentence]


def _structure(
    terms: RotationTerms, issuer: IssuerKind, version: Version, value: SecretValue
) -> list[str]:
    structure = structure_of(version.content_type, value)
    if terms.part:
        if part_of(value, terms.part) is None:
            return [f"has no text, or more than one, at its {terms.part}: nothing can be put there"]
        return []
    if structure is None or issuer.keeps_structure(terms.options):
        return []
    how = _PARTS.get(structure)
    what_to_do = (
        f"say in the policy which part is rotated, with {how}"
        if how
        else "Latchkey cannot make one, so take its rotation out of the policy"
    )
    return [f"holds {structure}, which a new value in its place would destroy: {what_to_do}"]
