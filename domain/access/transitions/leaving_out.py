"""Leaving some of a request's secrets out of an approval.

Approvers don't decide about secrets but about what can be read. If the access to another secret
opens the whole vault, leaving one of its secrets out would withhold nothing. So that access is
narrowed to its secret, or the secret can't be left out.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from domain.access.approval import LeftOut
from domain.access.assignment import is_within
from domain.access.request import Request
from domain.access.rules.policy import ALLOWED, Decision
from domain.access.target import Target
from domain.people import Actor
from domain.refusals.decisions import CannotBeLeftOut, NothingLeft, NotOfThisRequest


def decide_choice(request: Request, chosen: Mapping[str, bool]) -> Decision:
    """Decide whether an approver can allow the secrets that are True here, and only those."""
    asked_for = {target.secret for target in request.asked_for}
    for secret in chosen:
        if secret not in asked_for:
            return Decision(NotOfThisRequest(secret))
    left = not_chosen(request, chosen)
    if len(left) == len(request.targets):
        return Decision(NothingLeft())
    rest, gone = _parted(request, left)
    for target in rest:
        opened = [one for one in gone if opens(target, one)]
        if opened and not target.can_be_narrowed:
            return Decision(CannotBeLeftOut(opened[0].secret, target.secret))
    return ALLOWED


def not_chosen(request: Request, chosen: Mapping[str, bool]) -> tuple[str, ...]:
    """Return the secrets that an approver leaves out; none if nothing could be chosen."""
    if not chosen:
        return ()
    return tuple(secret for secret in request.secrets if not chosen.get(secret))


def leave_out(request: Request, secrets: Collection[str], actor: Actor) -> Request:
    """Leave secrets out, and narrow the access that would open them anyway."""
    rest, gone = _parted(request, secrets)
    targets = [
        narrow(target) if any(opens(target, one) for one in gone) else target for target in rest
    ]
    left_out = (*request.left_out, *(LeftOut(target, actor) for target in gone))
    return replace(request, targets=tuple(targets), left_out=left_out)


def opens(target: Target, other: Target) -> bool:
    """Return whether the access to one secret also opens the other."""
    return is_within(other.secret_scope or other.scope, target.scope)


def narrow(target: Target) -> Target:
    """Return a target whose scope is the secret alone, if that is possible."""
    if not target.can_be_narrowed:
        return target
    return replace(target, scope=target.secret_scope, exposes=1, not_requestable=0)


_Targets = Sequence[Target]


def _parted(request: Request, secrets: Collection[str]) -> tuple[_Targets, _Targets]:
    """Return the targets that remain, and those that are left out."""
    rest = [target for target in request.targets if target.secret not in secrets]
    return rest, [target for target in request.targets if target.secret in secrets]
