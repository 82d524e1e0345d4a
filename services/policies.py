"""Which rules cover a secret."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from domain.access.policy import Policy
from domain.rotation.policy import RotationPolicy

ANY = "*"
"""Stands for any characters in the name of a rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The rules for one secret, or for all those whose names match a pattern.

    Without ``access`` none of them can be requested, without ``rotation`` none is rotated. Only
    a secret that is named exactly can be rotated.
    """

    name: str
    access: Policy | None = None
    rotation: RotationPolicy | None = None

    @property
    def is_pattern(self) -> bool:
        return ANY in self.name

    def covers(self, secret: str) -> bool:
        """Say whether this rule is about a secret; Key Vault compares without regard to case."""
        if self.is_pattern:
            return fnmatchcase(secret.lower(), self.name.lower())
        return secret.lower() == self.name.lower()


class Policies:
    """The rules of a deployment: of those that cover a secret the first one counts alone.

    ``defaults`` is the policy of no secret in particular: its vault is the deployment's own.
    Whoever holds these asks them each time: a policy file that changed replaces them at once.
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
        """Put other rules in force, all of them at once."""
        self._in_force = (others.defaults, others.rules)

    def of(self, secret: str) -> Policy | None:
        """Return a secret's policy under its configured spelling; None where it has none."""
        rule = self._rule(secret)
        if rule is None or rule.access is None:
            return None
        return replace(rule.access, secret=secret) if rule.is_pattern else rule.access

    def closed(self, secrets: Iterable[str]) -> list[str]:
        """Return those of some secrets that nobody can request."""
        return [secret for secret in secrets if self.of(secret) is None]

    def all(self) -> Iterable[Policy]:
        """Return the policies of all that can be requested; a pattern's names the pattern."""
        return (rule.access for rule in self.rules if rule.access)

    def rotation_of(self, secret: str) -> RotationPolicy | None:
        """Return how a secret is rotated; None where it is not."""
        rule = self._rule(secret)
        return rule.rotation if rule else None

    def rotated(self) -> Iterable[RotationPolicy]:
        """Return how each rotated secret is rotated."""
        return (rule.rotation for rule in self.rules if rule.rotation)

    def _rule(self, secret: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.covers(secret)), None)
