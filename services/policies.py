"""Finds the rules for a secret."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from domain.access.policy import Policy
from domain.rotation.policy import RotationPolicy

ANY = "*"
"""Matches any characters in the name of a rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The rules for one secret, or for all secrets that match a pattern.

    Without ``access`` they can't be requested, without ``rotation`` they aren't rotated. Only a
    rule with an exact name can have a rotation.
    """

    name: str
    access: Policy | None = None
    rotation: RotationPolicy | None = None
    table: str = ""
    """The name of its table in the policy file; empty if it comes from the variables."""

    @property
    def is_pattern(self) -> bool:
        return ANY in self.name

    def covers(self, secret: str) -> bool:
        """Return whether this rule covers a secret; like Key Vault, it ignores case."""
        if self.is_pattern:
            return fnmatchcase(secret.lower(), self.name.lower())
        return secret.lower() == self.name.lower()


class Policies:
    """The rules of a deployment; only the first one that covers a secret applies.

    ``defaults`` is the default policy, with the deployment's own vault. Holders must not cache
    results: a changed policy file replaces the rules at any time.
    """

    def __init__(self, defaults: Policy, rules: tuple[Rule, ...]) -> None:
        self._in_force = (defaults, rules)

    @property
    def defaults(self) -> Policy:
        return self._in_force[0]

    @property
    def rules(self) -> tuple[Rule, ...]:
        return self._in_force[1]

    def adopt(self, others: "Policies") -> None:
        """Replace all rules at once."""
        self._in_force = (others.defaults, others.rules)

    def of(self, secret: str) -> Policy | None:
        """Return a secret's policy with the configured spelling of its name, or None."""
        rule = self.rule_of(secret)
        if rule is None or rule.access is None:
            return None
        return replace(rule.access, secret=secret) if rule.is_pattern else rule.access

    def closed(self, secrets: Iterable[str]) -> list[str]:
        """Return which of these secrets can't be requested."""
        return [secret for secret in secrets if self.of(secret) is None]

    def all(self) -> Iterable[Policy]:
        """Return the policies of all requestable secrets and patterns."""
        return (rule.access for rule in self.rules if rule.access)

    def rotation_of(self, secret: str) -> RotationPolicy | None:
        """Return how a secret is rotated, or None."""
        rule = self.rule_of(secret)
        return rule.rotation if rule else None

    def rotated(self) -> Iterable[RotationPolicy]:
        """Return how each rotated secret is rotated."""
        return (rule.rotation for rule in self.rules if rule.rotation)

    def rule_of(self, secret: str) -> Rule | None:
        """Return the rule that covers a secret, or None."""
        return next((rule for rule in self.rules if rule.covers(secret)), None)
