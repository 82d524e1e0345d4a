"""What a rotation takes over from its policy, and whether the policy still says the same."""

from dataclasses import replace
from hashlib import sha256

from domain.people import NO_ONE, Principals
from domain.rotation.policy import RotationPolicy
from domain.rotation.rotation import RotationTerms

_LENGTH = 16


def terms_under(policy: RotationPolicy, approvers: Principals = NO_ONE) -> RotationTerms:
    """Return the terms of a rotation that begins now; ``approvers`` are asked first."""
    return RotationTerms(
        vault_name=policy.vault.name,
        vault_url=policy.vault.url,
        issuer=policy.issuer,
        options=policy.options,
        dependents=policy.dependents,
        overlap=policy.overlap,
        max_age=policy.max_age,
        part=policy.part,
        approvers=approvers.people,
        admin_groups=approvers.groups,
    )


def still_apply(terms: RotationTerms, policy: RotationPolicy | None) -> bool:
    """Return whether a rotation that begins now would have these terms, its approvers aside."""
    return policy is not None and replace(terms, approvers=(), admin_groups=()) == terms_under(
        policy
    )


def digest_of(policy: RotationPolicy) -> str:
    """Name what a plan shows of a policy: another one means that the plan is out of date."""
    shown = (policy.secret, terms_under(policy), policy.second_admin)
    return sha256(repr(shown).encode()).hexdigest()[:_LENGTH]
