"""The directory's groups, from Microsoft Graph."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from azure.core.exceptions import HttpResponseError

from domain.people import Group, Person
from services.azure.calls.errors import translated
from services.azure.calls.rest import RestAdapter
from services.azure.entra.graph import PERSON_FIELDS, SERVICE, person_of
from services.faults import Rejected
from services.values import is_guid

AT_ONCE = 20
"""How many groups ``checkMemberGroups`` takes in one call."""

_FIELDS = "id,displayName"
_SMALLEST_PAGE, _LARGEST_PAGE = 100, 999
_ADVANCED = {"ConsistencyLevel": "eventual"}


class GraphGroups(RestAdapter):
    """Groups, behind ``services.ports.Groups``.

    Needs the permissions GroupMember.Read.All and User.Read.All. The first is enough to find
    groups; for ``checkMemberGroups`` of a user an application needs both; and without the second,
    members are listed without their names (Microsoft Learn: "directoryObject: checkMemberGroups",
    "List group transitive members", "Get group", each under "Permissions"). The memberships of
    groups with hidden members are only shown to those who also have Member.Read.Hidden, so
    without it no one belongs to them.
    """

    async def find(self, who: str) -> Group | None:
        """Find a group by object ID or display name; raises Rejected if several have the name."""
        who = who.strip()
        if not who:
            return None
        with translated(SERVICE):
            found = await (self._by_id(who) if is_guid(who) else self._by_name(who))
        if len(found) > 1:
            raise Rejected(SERVICE, f"several groups are called {who!r}: use an object ID")
        return _group(found[0]) if found else None

    async def memberships(self, person_id: str, group_ids: Sequence[str]) -> frozenset[str]:
        """Return the groups among these object IDs that a person belongs to, nested or not.

        Graph refuses the whole call if one ID isn't a GUID, and leaves out groups that don't exist.
        """
        found: set[str] = set()
        path = f"/v1.0/users/{quote(person_id, safe='')}/checkMemberGroups"
        with translated(SERVICE):
            for start in range(0, len(group_ids), AT_ONCE):
                some = list(group_ids[start : start + AT_ONCE])
                try:
                    answer = await self._post(path, body={"groupIds": some})
                except HttpResponseError as error:
                    if error.status_code != HTTPStatus.NOT_FOUND:
                        raise
                    return frozenset()  # there is no such person
                found |= {each.lower() for each in answer.get("value", ())}
        return frozenset(each for each in group_ids if each.lower() in found)

    async def members(self, group_id: str, most: int) -> tuple[Person, ...]:
        """List up to ``most`` enabled people in a group, ordered by object ID.

        If there are more, which of them is up to Graph. Listing only the people needs the index
        that ``ConsistencyLevel: eventual`` names, which can lag behind, and ``$count``; the header
        isn't remembered for the next page (Microsoft Learn: "List group transitive members",
        "Advanced query capabilities on Microsoft Entra ID objects", "Paging Microsoft Graph data").
        """
        query = {
            "$select": PERSON_FIELDS,
            "$count": "true",
            "$top": str(min(max(most, _SMALLEST_PAGE), _LARGEST_PAGE)),
        }
        path = f"/v1.0/groups/{quote(group_id, safe='')}/transitiveMembers/microsoft.graph.user"
        found: dict[str, Person] = {}
        with translated(SERVICE):
            page = await self._found(path, query, _ADVANCED)
            while page is not None:
                for user in page.get("value", ()):
                    if user.get("accountEnabled") is not False and len(found) < most:
                        found[user["id"]] = person_of(user)
                following = page.get("@odata.nextLink")
                if not following or len(found) >= most:
                    break
                page = await self._found(str(following), {}, _ADVANCED)
        return tuple(found[object_id] for object_id in sorted(found))

    async def _by_id(self, group_id: str) -> list[dict[str, Any]]:
        found = await self._found(f"/v1.0/groups/{group_id}", {"$select": _FIELDS})
        return [found] if found is not None else []

    async def _by_name(self, name: str) -> list[dict[str, Any]]:
        literal = name.replace("'", "''")
        query = {"$filter": f"displayName eq '{literal}'", "$select": _FIELDS, "$top": "2"}
        answer = await self._get("/v1.0/groups", query)
        return list(answer.get("value", ()))

    async def _found(
        self, path: str, query: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> dict[str, Any] | None:
        try:
            return await self._get(path, query, headers)
        except HttpResponseError as error:
            if error.status_code == HTTPStatus.NOT_FOUND:
                return None
            raise


def _group(found: Mapping[str, Any]) -> Group:
    return Group(str(found["id"]).lower(), found.get("displayName") or str(found["id"]))
