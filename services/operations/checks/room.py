"""Checks that each subscription has room for more role assignments."""

from collections.abc import Iterator

from domain.diagnosis import Finding, broken, doubtful, good
from domain.phrases import Phrase, phrase
from services.access.granting.leases import Leases
from services.faults import NotPermitted
from services.operations.checks.check import Check
from services.policies import Policies
from services.ports import Rights

LIMIT = 4_000
"""Source: Microsoft Learn, "Azure RBAC limits"."""

_NEARLY = 0.8
_ROLE = "Reader"

_MAKE_ROOM = phrase(
    "Remove role assignments that are no longer needed, assign roles to groups instead of people, "
    "or keep some vaults in another subscription."
)

_LET_READ = phrase(
    "Give the bot {role} on the subscription, or look at its Access control (IAM) from time to "
    "time.",
    role=_ROLE,
)


def room_checks(policies: Policies, rights: Rights, leases: Leases) -> Iterator[Check]:
    """Check each subscription that has a vault once."""
    vaults = [policy.vault.resource_id for policy in (policies.defaults, *policies.all())]
    for subscription in dict.fromkeys(_subscription_of(one) for one in vaults):
        yield _room(subscription, rights, leases)


def _room(subscription: str, rights: Rights, leases: Leases) -> Check:
    name = subscription.rpartition("/")[2]
    subject = phrase("Room for role assignments in subscription {name}", name=name)

    async def look() -> Finding:
        ours = sum(
            _subscription_of(lease.assignment.scope) == subscription for lease in await leases.all()
        )
        try:
            usage = await rights.usage(subscription)
        except NotPermitted:
            return _of_ours_alone(subject, ours)
        seen = phrase(
            "{count} of {limit} are used, {ours} of them by me",
            count=usage.count,
            limit=usage.limit,
            ours=ours,
        )
        if usage.count >= usage.limit:
            return broken(subject, phrase("{seen}: new access waits", seen=seen), _MAKE_ROOM)
        if usage.count >= _NEARLY * usage.limit:
            return doubtful(subject, seen, _MAKE_ROOM)
        return good(subject, seen)

    return Check(subject, look)


def _of_ours_alone(subject: Phrase, ours: int) -> Finding:
    """Never call it good: the others, which can't be read, may have filled the subscription."""
    seen = phrase(
        "{ours} are mine; how many others there are can't be read without {role} on the "
        "subscription; Azure allows {limit}",
        ours=ours,
        role=_ROLE,
        limit=LIMIT,
    )
    if ours >= _NEARLY * LIMIT:
        return doubtful(subject, seen, _MAKE_ROOM)
    return doubtful(subject, seen, _LET_READ)


def _subscription_of(scope: str) -> str:
    return "/".join(scope.lower().split("/")[:3])
