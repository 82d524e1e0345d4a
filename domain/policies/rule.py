"""The rules of a deployment; only the first one that covers a secret applies."""

from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from domain.access.rules.policy import Policy
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
    table: str = field(default="", compare=False)
    """The name of its table in the policy file; empty if it comes from the variables."""

    @property
    def is_pattern(self) -> bool:
        return ANY in self.name

    def covers(self, secret: str) -> bool:
        """Return whether this rule covers a secret; like Key Vault, it ignores case."""
        if self.is_pattern:
            return fnmatchcase(secret.lower(), self.name.lower())
        return secret.lower() == self.name.lower()

    def about(self, secret: str) -> "Rule":
        """Return the rule for one of the secrets that it covers, with the configured spelling."""
        if not self.is_pattern or self.access is None:
            return self
        return replace(self, access=replace(self.access, secret=secret))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Everything that a policy file and the variables say.

    ``defaults`` is the default policy, with the deployment's own vault.
    """

    defaults: Policy
    rules: tuple[Rule, ...]
    four_eyes: bool = False
    """Whether a change of the file that widens anything needs an admin."""
    stand_in: bool = False
    """Whether they allow nothing because nobody can say which rules are in force."""

    def exact_names(self) -> list[str]:
        return [rule.name for rule in self.rules if not rule.is_pattern]

    def of(self, secret: str) -> Rule | None:
        """Return the rule for a secret: the first one that covers it."""
        found = next((rule for rule in self.rules if rule.covers(secret)), None)
        return found.about(secret) if found else None

    def waiting_of(self, secret: str) -> Rule | None:  # noqa: ARG002 - for rules that wait
        """Return the rule for a secret in a file that waits for an admin; None if none waits."""
        return None
