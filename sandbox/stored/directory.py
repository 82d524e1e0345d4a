"""The principals of the tenant."""

from dataclasses import dataclass, field

from sandbox.seed import DirectoryGroup, ServicePrincipal, User


@dataclass(slots=True)
class StoredDirectory:
    """Hold the users, service principals and groups by object ID.

    `not_replicated` counts, per principal, how many more role assignments Azure refuses because
    the principal isn't replicated yet.
    """

    users: dict[str, User]
    service_principals: dict[str, ServicePrincipal]
    not_replicated: dict[str, int] = field(default_factory=dict)
    groups: dict[str, DirectoryGroup] = field(default_factory=dict)

    def type_of(self, object_id: str) -> str | None:
        """Return `User` or `ServicePrincipal`, or None for an unknown object ID."""
        if object_id.lower() in self.users:
            return "User"
        if object_id.lower() in self.service_principals:
            return "ServicePrincipal"
        return None

    def name_of(self, object_id: str) -> str:
        """Return a principal's display name, or its ID if unknown."""
        key = object_id.lower()
        named = self.users.get(key) or self.service_principals.get(key) or self.groups.get(key)
        return named.display_name if named else object_id

    def members_of(self, group_id: str) -> set[str]:
        """Return the object IDs in a group and in the groups that it contains, in lower case."""
        found: set[str] = set()
        left = [group_id.lower()]
        while left:
            group = self.groups.get(left.pop())
            new = {one.lower() for one in group.members} - found if group else set()
            found |= new
            left += new
        return found

    def people_in(self, group_id: str) -> list[User]:
        """Return the people in a group and in the groups that it contains."""
        members = self.members_of(group_id)
        return [user for key, user in self.users.items() if key in members]

    def find_by_client_id(self, client_id: str) -> ServicePrincipal | None:
        """Return the service principal with this client ID."""
        wanted = client_id.lower()
        return next(
            (one for one in self.service_principals.values() if one.client_id.lower() == wanted),
            None,
        )

    def has_reached_azure(self, object_id: str) -> bool:
        """Tell whether a principal is replicated; each call brings it one step closer."""
        left = self.not_replicated.get(object_id.lower(), 0)
        if left:
            self.not_replicated[object_id.lower()] = left - 1
        return left == 0
