"""Find the versions of a secret that a rotation made, by their tags.

People and their tools copy tags: the portal and Terraform may write a new version with those of the
one before it. So each write of a new value has a tag of its own, and of several versions with the
same one, those with another value than the first are someone else's.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from domain.rotation.rotation import Rotation
from domain.secrets import SecretValue
from services.faults import Rejected
from services.rotation.secret_versions import ROLE_TAG, ROTATION_TAG, SecretVersions, Version

NEW = "new"
RESTORED = "restored"
OUR_TAGS = frozenset({ROTATION_TAG, ROLE_TAG})

_OTHERS = {
    "version_by_others": "version",
    "successor_by_others": "version",
    "restore_under_others": "version",
    "late_version_on_top": "theirs",
}
"""Where the reasons to stop at a version by someone else name it."""


async def made_by(
    versions: SecretVersions,
    rotation: Rotation,
    role: str,
    listed: Sequence[Version] | None = None,
) -> list[Version]:
    """Find the versions that this rotation made in this role; enabled ones first.

    ``listed`` are all versions, if they were just listed: that takes a call for each 25 of them.
    """
    found = await listed_of(versions, rotation) if listed is None else listed
    others = _known_as_others(rotation)
    tagged = [
        one for one in found if one.tags.get(ROTATION_TAG) == rotation.id and one.id not in others
    ]
    writes: dict[str, list[Version]] = {}
    for one in tagged:
        if role_of(one) == role:
            writes.setdefault(one.tags[ROLE_TAG], []).append(one)
    ours = [
        one for same in writes.values() for one in await _without_copies(versions, rotation, same)
    ]
    return sorted(ours, key=lambda version: not version.enabled)


async def ids_made_by(
    versions: SecretVersions, rotation: Rotation, listed: Sequence[Version] | None = None
) -> frozenset[str]:
    """Return the IDs of all versions that this rotation made; see ``made_by``."""
    listed = await listed_of(versions, rotation) if listed is None else listed
    made = [await made_by(versions, rotation, role, listed) for role in (NEW, RESTORED)]
    return frozenset(one.id for ones in made for one in ones)


async def listed_of(versions: SecretVersions, rotation: Rotation) -> Sequence[Version]:
    """List all versions of a rotation's secret."""
    return await versions.list(rotation.terms.vault_url, rotation.secret)


def role_of(version: Version) -> str:
    """Return the role in which a rotation made a version; empty if none did."""
    return version.tags.get(ROLE_TAG, "").partition(" ")[0]


def tags_for(
    rotation: Rotation, version: Version, role: str, at: datetime | None = None
) -> dict[str, str]:
    """Return the tags for a version's successor, since Key Vault doesn't copy them.

    ``at`` tells this write from others.
    """
    written = f"{role} {at.isoformat()}" if at else role
    return {**version.tags, ROTATION_TAG: rotation.id, ROLE_TAG: written}


def _known_as_others(rotation: Rotation) -> frozenset[str]:
    """Return the versions that a person was told are someone else's.

    They may have disabled this rotation's own by then, as they were told. So its value can't be
    compared with theirs any more.
    """
    told = [rotation.failure, *(one.note for one in rotation.records), *rotation.insisted_on]
    each = [one for reason in told if reason for one in (reason, *reason.parts)]
    return frozenset(str(one.params.get(_OTHERS[one.code])) for one in each if one.code in _OTHERS)


async def _without_copies(
    versions: SecretVersions, rotation: Rotation, same: list[Version]
) -> list[Version]:
    """Leave out the versions of one write's tags that hold another value than was written.

    A proxy may have sent the write twice: then they hold the same one. What is disabled isn't left
    out, as nothing would be done about it.
    """
    first, *others = sorted(same, key=lambda one: (one.id != rotation.new_version, made_at(one)))
    if not others or " " not in first.tags[ROLE_TAG]:
        return same
    written = await _value(versions, rotation, first)
    if written is None and first.id != rotation.new_version:
        return same  # it may be Latchkey that has disabled it
    kept = [first]
    for one in others:
        is_later = made_at(one) > made_at(first)
        held = await _value(versions, rotation, one) if is_later else None
        if held is None or held == written:
            kept.append(one)
    return kept


async def current_of(versions: SecretVersions, rotation: Rotation) -> Version | None:
    """Return the current version of a rotation's secret; None if it was disabled."""
    try:
        current, _ = await versions.current(rotation.terms.vault_url, rotation.secret)
    except Rejected:
        return None
    return current


async def _value(
    versions: SecretVersions, rotation: Rotation, version: Version
) -> SecretValue | None:
    """Read a version's value; None if it is disabled or gone."""
    try:
        _, value = await versions.read(rotation.terms.vault_url, rotation.secret, version.id)
    except Rejected:
        return None
    return value


def made_at(version: Version) -> datetime:
    """Return when a version was made; one that doesn't say so comes before all others."""
    return version.created_at or datetime.min.replace(tzinfo=UTC)
