"""Client secrets of an Entra app registration, which can have several at a time."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from domain.rotation import Rotation
from domain.secrets import SecretValue
from services.faults import Rejected
from services.rotation.issuers.options import Options, missing_options, unknown_options
from services.rotation.ports import Issued, Version

NAME = "app-registration"

_OPTIONS = ("application",)
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

_OUTLIVES_ITS_VERSION_BY = timedelta(days=1)
"""How much longer a client secret is valid than its version in the vault says, at least."""


@dataclass(frozen=True, slots=True)
class AppPassword:
    """A client secret without its value, which is given once, when it is made."""

    key_id: str
    name: str
    expires_at: datetime | None = None


class AppPasswords(Protocol):
    """The client secrets of app registrations; ``application`` is an object id."""

    async def list(self, application: str) -> list[AppPassword]:
        """List all; raises Rejected where there is no such application."""

    async def add(
        self, application: str, name: str, expires_at: datetime | None
    ) -> tuple[AppPassword, SecretValue]:
        """Make one; without a time of expiry it is valid for as long as Entra thinks right.

        After Unavailable it may have been made all the same: its name tells.
        """

    async def remove(self, application: str, key_id: str) -> None:
        """Remove one and read that back; one that is gone already is no fault."""


class AppRegistrationIssuer:
    """Issues a client secret named for its rotation.

    Its option: ``application``, the object id of the app registration.
    """

    def __init__(self, passwords: AppPasswords) -> None:
        self._passwords = passwords

    async def prepare(self, rotation: Rotation, old: Version, value: SecretValue) -> str:  # noqa: ARG002 - an issuer's shape
        """See that the application is there; Entra names a client secret when it makes it."""
        await self._passwords.list(_application(rotation))
        return ""

    async def issue(self, rotation: Rotation) -> Issued:
        """Make a client secret, in the place of those that this rotation made before.

        Their values died with whoever asked for them, so they are of no use but to a thief. Reads
        of Entra lag behind its writes: one that is not listed yet is removed at the end, by
        ``retire`` or ``withdraw``.
        """
        application = _application(rotation)
        for leftover in await self._made_by(rotation):
            await self._passwords.remove(application, leftover)
        password, value = await self._passwords.add(application, _name(rotation), _expiry(rotation))
        return Issued(value, password.key_id, password.expires_at)

    async def withdraw(self, rotation: Rotation) -> None:
        """Remove what this rotation made, on record or not; what is gone stays gone."""
        on_record = {rotation.credential} - {""}
        for key_id in on_record | await self._made_by(rotation):
            await self._passwords.remove(_application(rotation), key_id)

    async def retire(self, rotation: Rotation) -> None:
        """Remove the old client secret, and what this rotation made beside the new one.

        Where the old version did not name its client secret, as before the first rotation, nothing
        says which one it was: all that others have made stay.
        """
        old = {rotation.old_credential} - {""}
        for key_id in (old | await self._made_by(rotation)) - {rotation.credential}:
            await self._passwords.remove(_application(rotation), key_id)

    async def _made_by(self, rotation: Rotation) -> set[str]:
        listed = await self._passwords.list(_application(rotation))
        return {password.key_id for password in listed if password.name == _name(rotation)}


def _application(rotation: Rotation) -> str:
    if faults := check_options(rotation.terms.options):
        raise Rejected(NAME, "; ".join(faults))
    return dict(rotation.terms.options)["application"]


def _name(rotation: Rotation) -> str:
    return f"latchkey {rotation.id}"


def _expiry(rotation: Rotation) -> datetime | None:
    max_age = rotation.terms.max_age
    return rotation.asked_at + max_age + _OUTLIVES_ITS_VERSION_BY if max_age else None


def check_options(options: Options) -> list[str]:
    """Return what is wrong with a policy's options for this issuer, each by its name."""
    faults = [*unknown_options(options, _OPTIONS), *missing_options(options, _OPTIONS)]
    application = dict(options).get("application", "")
    if application and _GUID.fullmatch(application) is None:
        faults.append("application: the object id of an app registration is expected")
    return faults
