"""Checks that the groups in the configuration exist and have enough people to decide."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.diagnosis import Finding, broken, doubtful, good
from domain.people import Group, Person
from domain.phrases import Phrase, counted, phrase
from services.faults import NotPermitted, Rejected
from services.operations.checks.check import Check
from services.operations.checks.duties import Duty, named
from services.people.directory import Directory
from services.people.principals import split
from services.policies import Policies
from services.ports import Groups
from services.values import group_in

_COUNTED = 100
"""How many members are counted at the most."""

_NAMED = 3
"""How many secrets with the same approvers are named."""

_PERMISSION = phrase(
    "Give the bot's identity {permissions} in Microsoft Graph, as in {page}. It can take a day "
    "until a managed identity has a new permission.",
    permissions=["GroupMember.Read.All", "User.Read.All"],
    page="docs/deploy.md",
)
_OUTAGE = phrase(
    "Try again later. Until Microsoft Graph answers, no one is admitted as a group's member."
)
_BY_ID = phrase("Name the group by its object ID instead: {example}.", example="group:ID")
_READ_HIDDEN = "Member.Read.Hidden"
_MEMBERS = phrase(
    "Add people to the group, or name another one. If it hides its members, give the bot's "
    "identity {permission} in Microsoft Graph.",
    permission=_READ_HIDDEN,
)
_HIDDEN = phrase(
    "Give the bot's identity {permission} in Microsoft Graph if the group's members are "
    "hidden. If someone was removed just now, try again in some minutes.",
    permission=_READ_HIDDEN,
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
        known: dict[str, tuple[str, list[Duty]]] = {}
        for duty, who in _configured(policies, admins):
            name = group_in(who)
            if name is None:
                continue
            _, duties = known.setdefault(name.lower(), (name, []))
            if duty not in duties:
                duties.append(duty)
        for name, duties in known.values():
            subject = phrase("{duties} group {name}", duties=named(duties), name=name)
            yield self._of_group(name, subject)
        for quorum in _quorums(policies):
            subject = phrase("Approvers of {secrets}", secrets=_some(quorum.secrets))
            yield self._of_quorum(quorum, subject)

    def _of_group(self, name: str, subject: Phrase) -> Check:
        async def look() -> Finding:
            try:
                return await self._look_at_group(name, subject)
            except NotPermitted as fault:
                seen = phrase("can't be checked ({cause})", cause=fault.cause)
                return broken(subject, seen, _PERMISSION)

        return Check(subject, look, _OUTAGE)

    async def _look_at_group(self, name: str, subject: Phrase) -> Finding:
        try:
            group = await self._groups.find(name)
        except Rejected:
            seen = phrase("is the name of several groups, so it admits no one")
            return broken(subject, seen, _BY_ID)
        if group is None:
            seen = phrase("isn't in the directory, so it admits no one")
            return broken(subject, seen, phrase("Correct it, or remove it."))
        members = await self._groups.members(group.object_id, _COUNTED)
        # An ID that no one has shows that the question is permitted.
        asked = members[0].object_id if members else group.object_id
        confirmed = await self._groups.memberships(asked, [group.object_id])
        if not members:
            seen = phrase(
                "is {name} ({id}), which has no enabled members",
                name=group.name,
                id=group.object_id,
            )
            return broken(subject, seen, _MEMBERS)
        if not confirmed:
            seen = phrase(
                "is {name} ({id}), but Microsoft Graph doesn't confirm who belongs to it",
                name=group.name,
                id=group.object_id,
            )
            return doubtful(subject, seen, _HIDDEN)
        people = _counted(len(members))
        seen = phrase(
            "is {name} ({id}), with {people}", name=group.name, id=group.object_id, people=people
        )
        return good(subject, seen)

    def _of_quorum(self, quorum: _Quorum, subject: Phrase) -> Check:
        async def look() -> Finding:
            try:
                found = await self._people_of(quorum)
            except NotPermitted as fault:
                seen = phrase("can't be counted ({cause})", cause=fault.cause)
                return broken(subject, seen, _PERMISSION)
            people, approvals = _counted(len(found)), _approvals(quorum.needed)
            if len(found) < quorum.needed:
                seen = phrase(
                    "only {people} for {approvals}, so no request can succeed",
                    people=people,
                    approvals=approvals,
                )
                return broken(subject, seen, _MEMBERS)
            seen = phrase("{people} for {approvals}", people=people, approvals=approvals)
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


def _configured(policies: Policies, admins: Sequence[str]) -> Iterator[tuple[Duty, str]]:
    """List everything that the configuration names for a duty."""
    for policy in (policies.defaults, *policies.all()):
        for duty, whom in (
            (Duty.APPROVER, policy.approvers),
            (Duty.ESCALATION, policy.escalation),
            (Duty.REQUESTER, policy.requesters),
            (Duty.ON_BEHALF, policy.on_behalf),
            (Duty.BREAK_GLASS, policy.break_glass),
            (
                Duty.AUTO_APPROVAL,
                policy.auto_approve.requesters if policy.auto_approve else (),
            ),
        ):
            yield from ((duty, who) for who in whom)
    yield from ((Duty.ADMIN, who) for who in admins)


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


def _some(secrets: Sequence[str]) -> list[str | Phrase]:
    more = len(secrets) - _NAMED
    rest = [counted("{count} more", "{count} more", more)] if more > 0 else []
    return [*secrets[:_NAMED], *rest]


def _counted(count: int) -> Phrase:
    if count >= _COUNTED:
        return phrase("{count} or more people", count=count)
    return counted("{count} person", "{count} people", count)


def _approvals(count: int) -> Phrase:
    return counted("{count} approval", "{count} approvals", count)
