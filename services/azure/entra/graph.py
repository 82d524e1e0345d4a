"""People, from Microsoft Graph."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from azure.core.exceptions import HttpResponseError

from domain.people import Person, is_guest_name
from services.azure.calls.errors import translated
from services.azure.calls.rest import RestAdapter
from services.faults import AccountDisabled
from services.ports import AccountState

SERVICE = "Microsoft Graph"

PERSON_FIELDS = "id,displayName,mail,userPrincipalName,accountEnabled,userType"


class GraphPeople(RestAdapter):
    """The directory, behind ``services.ports.People``; needs the permission User.Read.All."""

    async def find(self, who: str) -> Person | None:
        """Find an enabled person by email, user principal name or Entra object ID."""
        who = who.strip()
        if not any(character.isalnum() for character in who):
            return None  # an empty name would be the path of all users, ".." another path
        with translated(SERVICE):
            users = await self._by_key(who) or await self._by_mail(who)
        enabled = [user for user in users if user.get("accountEnabled") is not False]
        if users and not enabled:
            raise AccountDisabled(SERVICE, "the account is disabled")
        # If two accounts share an address, it identifies neither.
        return person_of(enabled[0]) if len(enabled) == 1 else None

    async def account(self, who: str) -> AccountState:
        """Return the state of the account with an email or an Entra object ID."""
        with translated(SERVICE):
            users = await self._by_key(who.strip()) or await self._by_mail(who.strip())
        enabled = [user for user in users if user.get("accountEnabled") is not False]
        if not users:
            return AccountState.UNKNOWN
        if len(enabled) > 1:
            return AccountState.AMBIGUOUS
        return AccountState.ENABLED if enabled else AccountState.DISABLED

    async def _by_key(self, key: str) -> list[dict[str, Any]]:
        found = await self._find(f"/v1.0/users/{quote(key, safe='')}", {"$select": PERSON_FIELDS})
        return [found] if found is not None else []

    async def _by_mail(self, mail: str) -> list[dict[str, Any]]:
        if "@" not in mail:
            return []
        literal = mail.replace("'", "''")
        query = {"$filter": f"mail eq '{literal}'", "$select": PERSON_FIELDS}
        found = await self._find("/v1.0/users", query)
        return list(found["value"]) if found is not None else []

    async def _find(self, path: str, query: Mapping[str, str]) -> dict[str, Any] | None:
        try:
            return await self._get(path, query)
        except HttpResponseError as error:
            if error.status_code == HTTPStatus.NOT_FOUND:
                return None
            raise


def person_of(user: Mapping[str, Any]) -> Person:
    """Read a user who was selected with ``PERSON_FIELDS``; names are null without User.Read.All."""
    email = user.get("mail") or user.get("userPrincipalName") or ""
    return Person(
        object_id=user["id"],
        name=user.get("displayName") or email or user["id"],
        email=email,
        guest=user.get("userType") == "Guest" or is_guest_name(user.get("userPrincipalName")),
    )
