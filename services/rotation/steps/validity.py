"""The validity period of the versions that a rotation makes."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.rotation.expiry import lifetime, successor_expiry
from services.rotation.issuers.issuer import Issued
from services.rotation.secret_versions import Version


def lifetime_of(version: Version) -> timedelta | None:
    """Return a version's total lifetime; None if it doesn't expire or that isn't known."""
    return lifetime(version.created_at, version.not_before, version.expires_at)


def as_successor(
    old: Version, issued: Issued, now: datetime, *, max_age: timedelta | None
) -> Version:
    """Return the version that follows the old one, with a new validity period from now on.

    The old ``nbf`` isn't copied, since it's the start of the old value's use. If there was one, the
    new version gets one too, since the vault's Azure policies may require it.
    """
    return replace(
        old,
        not_before=now if old.not_before else None,
        expires_at=successor_expiry(
            now, max_age=max_age, lifetime=lifetime_of(old), ends_at=issued.expires_at
        ),
    )


def as_restored(old: Version) -> Version:
    """Return the version that holds the old value again; it expires when the old one does.

    Its ``nbf`` records the value's age: the lifetime, its own and its successor's, counts from it.
    """
    has_message = lifetime_of(old) is not None
    return replace(old, not_before=old.not_before or (old.created_at if has_message else None))
