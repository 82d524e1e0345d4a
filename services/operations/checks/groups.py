"""Checks that the groups in the configuration exist and have enough people to decide."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.diagnosis import Finding, broken, doubtful, good
from domain.names import listed
from domain.people import Group, Person
from services.faults import NotPermitted, Rejected
from services.operations.checks.check import Check
from services.people.directory import Directory
from services.people.principals import split
from services.policies import Policies
from services.ports import Groups
from services.values import group_in

_COUNTED = 100
"""How many members are counted at the most."""

_NAMED = 3
"""How many secrets with the same approvers are named."""

_PERMISSION = (
    "Give the bot's identity GroupMember.Read.All and User.Read.All in Microsoft Graph, as in "
    "docs/deploy.md. It can take a day until a managed identity has a new permission."
)
_OUTAGE = "Try again later. Until Microsoft Graph answers, no one is admitted as a group's member."
_BY_ID = "Name the group by its object ID instead: group:ID."
_MEMBERS = "Add people to the group, or name another one."
_HIDDEN = (
    "Give the bot's identity Member.Read.Hidden in Microsoft Graph if the group's members are "
    "hidden. If someone was removed just now, try again in some minutes."
)


@dataclass(frozen=True, slots=True)
class _Quorum:
    """The people and groups who approve some secrets, and how many of them have to."""

    secrets: tuple[str, ...]
    people: tuple[str, ...]
    groups: tuple[str, ...]
    needed: int


class GroupChecks:
    """Creates a check for each group in the configuration, and for each quorum with a group."""

    def __init__(self, groups: Groups, directory: Directory) -> None:
        self._groups = groups
        self._directory = directory

    def checks(self, policies: Policies, admins: Sequence[str]) -> Iterator[Check]:
        """Check each group once, even if it has several duties."""
        known: dict[str, tuple[str, list[str]]] = {}
        for duty, who in _named(policies, admins):
            name = group_in(who)
            if name is None:
                continue
            _, duties = known.setdefault(name.lower(), (name, []))
            if duty not in duties:
                duties.append(duty)
        for name, duties in known.values():
            yield self._of_group(name, f"{listed(duties).capitalize()} group {name}")
        for quorum in _quorums(policies):
            yield self._of_quorum(quorum, f"Approvers of {_some(quorum.secrets)}")

    def _of_group(self, name: str, subject: str) -> Check:
        async def look() -> Finding:
            try:
                return await self._look_at_group(name, subject)
            except NotPermitted as fault:
                return broken(subject, f"can't be checked ({fault.cause})", _PERMISSION)

        return Check(subject, look, _OUTAGE)

    async def _look_at_group(self, name: str, subject: str) -> Finding:
        try:
            group = await self._groups.find(name)
        except Rejected:
            return broken(subject, "is the name of several groups, so it admits no one", _BY_ID)
        if group is None:
            return broken(
                subject, "isn't in the directory, so it admits no one", "Correct it, or remove it."
            )
        members = await self._groups.members(group.object_id, _COUNTED)
        # An ID that no one has shows that the question is permitted.
        asked = members[0].object_id if members else group.object_id
        confirmed = await self._groups.memberships(asked, [group.object_id])
        if not members:
            return broken(subject, f"{_found(group)}, which has no enabled members", _MEMBERS)
        if not confirmed:
            seen = f"{_found(group)}, but Microsoft Graph doesn't confirm who belongs to it"
            return doubtful(subject, seen, _HIDDEN)
        return good(subject, f"{_found(group)}, with {_counted(len(members))}")

    def _of_quorum(self, quorum: _Quorum, subject: str) -> Check:
        async def look() -> Finding:
            try:
                found = await self._people_of(quorum)
            except NotPermitted as fault:
                return broken(subject, f"can't be counted ({fault.cause})", _PERMISSION)
            seen = f"{_counted(len(found))} for {_approvals(quorum.needed)}"
            if len(found) < quorum.needed:
                return broken(subject, f"only {seen}, so no request can succeed", _MEMBERS)
            return good(subject, seen)

        return Check(subject, look, _OUTAGE)

    async def _people_of(self, quorum: _Quorum) -> set[str]:
        found: list[Person] = list(await self._directory.find_all(quorum.people))
        for group in await self._groups_of(quorum.groups):
            found += await self._groups.members(group.object_id, _COUNTED)
        return {person.object_id for person in found}

    async def _groups_of(self, names: Sequence[str]) -> list[Group]:
        """Find groups; those that can't be found have a check of their own."""
        found = []
        for name in names:
            try:
                group = await self._groups.find(name)
            except Rejected:
                continue
            if group:
                found.append(group)
        return found


def _named(policies: Policies, admins: Sequence[str]) -> Iterator[tuple[str, str]]:
    """List everything that the configuration names for a duty."""
    for policy in (policies.defaults, *policies.all()):
        for duty, named in (
            ("approver", policy.approvers),
            ("escalation", policy.escalation),
            ("requester", policy.requesters),
            ("on-behalf", policy.on_behalf),
            ("break-glass", policy.break_glass),
            ("auto-approval", policy.auto_approve.requesters if policy.auto_approve else ()),
        ):
            yield from ((duty, who) for who in named)
    yield from (("admin", who) for who in admins)


def _quorums(policies: Policies) -> Iterator[_Quorum]:
    """List the quorums that a group belongs to, unless the owners in tags approve too."""
    secrets: dict[tuple[tuple[str, ...], int], list[str]] = {}
    for policy in policies.all():
        if not policy.owners_approve:
            secrets.setdefault((policy.approvers, policy.min_approvals), []).append(policy.secret)
    for (approvers, needed), names in secrets.items():
        people, groups = split(approvers)
        if groups:
            yield _Quorum(tuple(names), tuple(people), tuple(groups), needed)


def _some(secrets: Sequence[str]) -> str:
    more = len(secrets) - _NAMED
    return listed([*secrets[:_NAMED], f"{more} more"] if more > 0 else secrets)


def _found(group: Group) -> str:
    return f"is {group.name} ({group.object_id})"


def _counted(count: int) -> str:
    if count == 1:
        return "1 person"
    return f"{count} or more people" if count >= _COUNTED else f"{count} people"


def _approvals(count: int) -> str:
    return "1 approval" if count == 1 else f"{count} approvals"
