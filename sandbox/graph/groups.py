"""Microsoft Graph: groups, and who is in them."""

import re
from urllib.parse import urlencode
from uuid import UUID

from sandbox.calls import Call, Json, Reply, route
from sandbox.errors import ApiError, graph_refusal
from sandbox.graph.people import (
    DEFAULT_FIELDS,
    PERMISSIONS,
    filtered,
    not_found,
    require,
    selected,
    user_fields,
)
from sandbox.seed import DirectoryGroup, User
from sandbox.state import State

READ_GROUPS = {"GroupMember.Read.All", "Group.Read.All", "Directory.Read.All"}
READ_HIDDEN = "Member.Read.Hidden"

_MOST_AT_ONCE = 20
_PAGE, _LARGEST_PAGE = 100, 999
_FIELDS = ("id", "displayName")
_CAST = "microsoft.graph.user"


def get_group(state: State, call: Call, key: str) -> Reply:
    """Return a group by object ID."""
    _begin(state, call)
    return Reply(200, selected(_group_fields(_group(state, key)), call, _FIELDS))


def list_groups(state: State, call: Call) -> Reply:
    """List the groups that match a filter, up to `$top`."""
    _begin(state, call)
    groups = filtered([_group_fields(one) for one in state.directory.groups.values()], call)
    groups = groups[: _page_size(call)]
    return Reply(200, {"value": [selected(one, call, _FIELDS) for one in groups]})


def check_member_groups(state: State, call: Call, key: str) -> Reply:
    """Return which of the groups in `groupIds` a person belongs to, nested or not."""
    permissions = _begin(state, call, PERMISSIONS)
    wanted = (call.json() or {}).get("groupIds")
    if not isinstance(wanted, list) or len(wanted) > _MOST_AT_ONCE:
        raise _bad_request(f"groupIds must be a collection of at most {_MOST_AT_ONCE} IDs.")
    for each in wanted:
        _require_id(str(each))
    user = next((one for one in state.directory.users.values() if _is_called(one, key)), None)
    if user is None:
        raise not_found(key)
    held = [
        each
        for each in wanted
        if user.id.lower() in state.directory.members_of(each)
        and not _is_hidden(state.directory.groups.get(each.lower()), permissions)
    ]
    return Reply(200, {"value": held})


def list_people_in(state: State, call: Call, key: str) -> Reply:
    """List a page of the people in a group and in the groups that it contains.

    Selecting people needs advanced queries. Their names are null for callers who can read groups
    but not people.
    """
    held = _begin(state, call)
    is_advanced = call.headers.get("ConsistencyLevel", "").lower() == "eventual"
    if not is_advanced or call.query.get("$count") != "true":
        raise graph_refusal(
            400, "Request_UnsupportedQuery", f"The specified cast to {_CAST} is not supported."
        )
    group = _group(state, key)
    shown = [] if _is_hidden(group, held) else state.directory.people_in(group.id)
    people = [user_fields(one) for one in shown]
    if not held & PERMISSIONS:
        people = [{**dict.fromkeys(one), "id": one["id"]} for one in people]
    size, start = _page_size(call), int(call.query.get("$skiptoken", "0"))
    page: Json = {
        "@odata.count": len(people),
        "value": [selected(one, call, DEFAULT_FIELDS) for one in people[start : start + size]],
    }
    if start + size < len(people):
        query = urlencode({**call.query, "$skiptoken": str(start + size)}, safe="$,")
        page["@odata.nextLink"] = f"{call.origin}{call.path}?{query}"
    return Reply(200, page)


def is_about_groups(path: str) -> bool:
    """Tell whether a request is about groups."""
    return any(each.path.fullmatch(path) for each in ROUTES)


def _begin(state: State, call: Call, *permissions: set[str]) -> set[str]:
    """Return the caller's permissions; refuse while groups are down, and without READ_GROUPS."""
    if not state.knobs.groups_available:
        raise graph_refusal(
            503, "ServiceUnavailable", "The service is temporarily unavailable. Try again later."
        )
    return require(state, call, READ_GROUPS, *permissions)


def _group(state: State, key: str) -> DirectoryGroup:
    _require_id(key)
    group = state.directory.groups.get(key.lower())
    if group is None:
        raise not_found(key)
    return group


def _is_hidden(group: DirectoryGroup | None, permissions: set[str]) -> bool:
    return group is not None and group.hides_members and READ_HIDDEN not in permissions


def _group_fields(group: DirectoryGroup) -> Json:
    return {"id": group.id, "displayName": group.display_name}


def _is_called(user: User, key: str) -> bool:
    return key.lower() in (user.id.lower(), user.user_principal_name.lower())


def _require_id(text: str) -> None:
    try:
        UUID(text)
    except ValueError:
        raise _bad_request(f"Invalid object identifier '{text}'.") from None


def _page_size(call: Call) -> int:
    text = call.query.get("$top", str(_PAGE))
    if not re.fullmatch(r"\d+", text) or not 1 <= int(text) <= _LARGEST_PAGE:
        raise graph_refusal(
            400,
            "Request_UnsupportedQuery",
            f"Invalid page size specified: '{text}'. Must be between 1 and 999 inclusive.",
        )
    return int(text)


def _bad_request(message: str) -> ApiError:
    return graph_refusal(400, "Request_BadRequest", message)


ROUTES = (
    route("GET", "/v1.0/groups/(?P<key>[^/]+)", get_group),
    route("GET", "/v1.0/groups", list_groups),
    route("POST", "/v1.0/users/(?P<key>[^/]+)/checkMemberGroups", check_member_groups),
    route("GET", f"/v1.0/groups/(?P<key>[^/]+)/transitiveMembers/{_CAST}", list_people_in),
)
