"""The narrower of two rules: what applies while a change waits for an admin."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from domain.access.rules.policy import Policy
from domain.policies.fields import ACCESS, ROTATION, Comparison
from domain.policies.rule import Rule
from domain.rotation.policy import RotationPolicy

AT_ONCE = frozenset({"second_admin"})
"""The field of a rotation that applies at once, even if another one widens."""


def narrower(before: Rule | None, after: Rule | None) -> Rule | None:
    """Return the narrower of the old and the new rule for one secret.

    It allows nothing that the old rule doesn't allow.
    """
    if before is None:
        return None
    rotation = _narrower_rotation(before.rotation, after.rotation if after else None)
    access = _narrower_access(before.access, after.access if after else None)
    latest = after or before
    return Rule(latest.name, access, rotation, latest.table)


def _narrower_access(before: Policy | None, after: Policy | None) -> Policy | None:
    if before is None or after is None:
        return None
    policy = _met(ACCESS, before, after)
    if after.requesters and not policy.requesters:
        return None  # both lists name people, and nobody is in both
    return replace(policy, shortest=min(policy.shortest, policy.longest))


def _narrower_rotation(
    before: RotationPolicy | None, after: RotationPolicy | None
) -> RotationPolicy | None:
    """Return the new policy if it doesn't widen, else the old one.

    Half of a new rotation could break what uses the secret. Only a second admin can be asked for
    already.
    """
    if before is None or after is None:
        return before
    if not widening(ROTATION, before, after):
        return after
    return replace(before, second_admin=before.second_admin or after.second_admin)


def widening(compared: Mapping[str, Comparison], before: Any, after: Any) -> frozenset[str]:
    """Return the fields in which a policy allows more than before."""
    return frozenset(
        name
        for name, field in compared.items()
        if _met_in(name, field, before, after) != getattr(after, name)
    )


def _met(compared: Mapping[str, Comparison], before: Policy, after: Policy) -> Policy:
    met: dict[str, Any] = {
        name: _met_in(name, field, before, after) for name, field in compared.items()
    }
    return replace(after, **met)


def _met_in(name: str, field: Comparison, before: object, after: object) -> Any:
    return field.narrower(getattr(before, name), getattr(after, name))
