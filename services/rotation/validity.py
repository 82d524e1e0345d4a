"""From when until when the versions that a rotation makes are valid."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.rotation.expiry import lifetime, successor_expiry
from services.rotation.issuers.issuer import Issued
from services.rotation.secret_versions import Version


def lifetime_of(version: Version) -> timedelta | None:
    """Return how long a version is valid in all; None where it doesn't expire, or can't be told."""
    return lifetime(version.created_at, version.not_before, version.expires_at)


def as_successor(
    old: Version, issued: Issued, now: datetime, *, max_age: timedelta | None
) -> Version:
    """Return the version that follows the old one: valid from now on, for as long as that was.

    The old one's ``nbf`` is not copied: it says from when on the old value was meant to be used.
    Where there was one, the new version has one too, since a vault's rules may ask for it.
    """
    return replace(
        old,
        not_before=now if old.not_before else None,
        expires_at=successor_expiry(
            now, max_age=max_age, lifetime=lifetime_of(old), ends_at=issued.expires_at
        ),
    )


def as_restored(old: Version) -> Version:
    """Return the version that has the old value again, which expires when the old one does.

    Its ``nbf`` says how old the value is: its lifetime counts from there, and so does its
    successor's.
    """
    has_message = lifetime_of(old) is not None
    return replace(old, not_before=old.not_before or (old.created_at if has_message else None))
