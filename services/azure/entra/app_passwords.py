"""The client secrets of Entra app registrations, in Microsoft Graph."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from azure.core.exceptions import HttpResponseError

from domain.secrets import SecretValue
from services.azure.calls.errors import translated
from services.azure.calls.rest import RestAdapter
from services.azure.entra.graph import SERVICE
from services.faults import Unavailable
from services.rotation.issuers.app_registration import AppPassword

_FOR_ALL = ("Application.ReadWrite.All", "Directory.ReadWrite.All")


class GraphAppPasswords(RestAdapter):
    """Client secrets, behind ``services.rotation.issuers.app_registration.AppPasswords``.

    Needs the permission Application.ReadWrite.OwnedBy, and ownership of each application.
    """

    async def list(self, application: str) -> list[AppPassword]:
        """List an application's client secrets; raises Rejected if there is no such application."""
        with translated(SERVICE, codes_only=True):
            found = await self._get(_path(application), {"$select": "passwordCredentials"})
            return [_password(each) for each in found["passwordCredentials"]]

    async def client_id(self, application: str) -> str:
        """Return the ID that the application signs in with."""
        with translated(SERVICE, codes_only=True):
            found = await self._get(_path(application), {"$select": "appId"})
            return str(found["appId"])

    async def may_change(self, application: str) -> bool:
        """Return whether the bot owns an application, or may change all of them.

        Graph lets it read the others too. A page has 100 owners, and no application has more.
        Source: "List owners of an application" in Graph's reference, and Microsoft Learn,
        "Microsoft Entra service limits and restrictions".
        """
        with translated(SERVICE, codes_only=True):
            me = await self._own_identity()
            found = await self._get(f"{_path(application)}/owners", {"$select": "id"})
            is_owner = any(str(one["id"]).lower() == me.object_id.lower() for one in found["value"])
            return is_owner or not me.permissions.isdisjoint(_FOR_ALL)

    async def add(
        self, application: str, name: str, expires_at: datetime | None
    ) -> tuple[AppPassword, SecretValue]:
        """Create a client secret. Not retried, since each try can create another one."""
        wanted = {"displayName": name}
        if expires_at:
            wanted["endDateTime"] = expires_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        with translated(SERVICE, codes_only=True, changes=True):
            return _made(
                await self._post(
                    f"{_path(application)}/addPassword",
                    body={"passwordCredential": wanted},
                    retried=False,
                )
            )

    async def remove(self, application: str, key_id: str) -> None:
        """Remove a client secret and read that back; it is fine if it is already gone.

        Graph refuses to remove one that is gone, and for some seconds also one just created. Its
        reads lag behind too, so one that is still listed may be gone on the next try.
        """
        with translated(SERVICE, codes_only=True, changes=True):
            try:
                await self._post(f"{_path(application)}/removePassword", body={"keyId": key_id})
            except HttpResponseError as error:
                if error.status_code != HTTPStatus.BAD_REQUEST:
                    raise
        if any(each.key_id == key_id for each in await self.list(application)):
            raise Unavailable(
                SERVICE, f"the client secret {key_id} is still listed", outcome_unknown=False
            )


def _path(application: str) -> str:
    return f"/v1.0/applications/{quote(application, safe='')}"


def _made(found: dict[str, Any]) -> tuple[AppPassword, SecretValue]:
    return _password(found), SecretValue(found["secretText"])


def _password(found: dict[str, Any]) -> AppPassword:
    return AppPassword(
        found["keyId"],
        found.get("displayName") or "",
        _end(found),
        found.get("hint") or "",
    )


def _end(found: dict[str, Any]) -> datetime | None:
    """Read an end date, which Graph writes with up to seven digits after the second."""
    text = str(found.get("endDateTime") or "")
    try:
        return datetime.fromisoformat(text).replace(microsecond=0).astimezone(UTC)
    except ValueError:
        return None
