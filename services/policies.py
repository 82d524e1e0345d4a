"""Finds the rules for a secret."""

from collections.abc import Iterable

from domain.access.rules.policy import Policy
from domain.policies.rule import Rule, Rules
from domain.rotation.policy import RotationPolicy
from domain.secrets import Vault


class Policies:
    """The rules in force.

    Holders must not cache results: a changed policy file replaces the rules at any time.
    """

    def __init__(
        self, defaults: Policy, rules: tuple[Rule, ...], *, four_eyes: bool = False
    ) -> None:
        self._in_force: Rules = Rules(defaults=defaults, rules=rules, four_eyes=four_eyes)
        self.newest_has_errors = False
        """Whether there is a newer policy file that has errors.

        It changes no rule. But nobody can say what it adds.
        """

    @property
    def in_force(self) -> Rules:
        """All of them, as they are now."""
        return self._in_force

    @property
    def defaults(self) -> Policy:
        return self._in_force.defaults

    @property
    def rules(self) -> tuple[Rule, ...]:
        return self._in_force.rules

    def adopt(self, others: "Policies") -> None:
        """Replace all rules at once."""
        self.put_in_force(others.in_force)

    def put_in_force(self, rules: Rules) -> None:
        """Replace all rules at once."""
        self._in_force = rules

    def of(self, secret: str) -> Policy | None:
        """Return a secret's policy with the configured spelling of its name, or None."""
        rule = self.rule_of(secret)
        return rule.access if rule else None

    def vault_of(self, secret: str) -> Vault:
        """Return the vault that a secret's rule names; without a rule, the deployment's own."""
        rule = self.rule_of(secret)
        policy = rule and (rule.access or rule.rotation)
        return policy.vault if policy else self.defaults.vault

    def rule_of(self, secret: str) -> Rule | None:
        """Return the rule that applies to a secret, or None."""
        return self._in_force.of(secret)

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

    def waiting_rotation_of(self, secret: str) -> RotationPolicy | None:
        """Return how a file that waits for an admin would have a secret rotated, or None."""
        rule = self._in_force.waiting_of(secret)
        return rule.rotation if rule else None

    def rotated(self) -> Iterable[RotationPolicy]:
        """Return how each rotated secret is rotated."""
        return (rule.rotation for rule in self.rules if rule.rotation)
