"""The rules in force while a change waits for an admin."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from domain.policies.narrower import narrower
from domain.policies.patterns import pairs
from domain.policies.rule import Rule, Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRules(Rules):
    """For each secret, the narrower of its accepted rule and the one that waits.

    ``rules`` only lists them. A secret that patterns cover has its rule from ``of``.
    """

    accepted: Rules
    waiting: Rules

    def of(self, secret: str) -> Rule | None:
        """Return the rule for a secret."""
        return narrower(self.accepted.of(secret), self.waiting.of(secret))

    def waiting_of(self, secret: str) -> Rule | None:
        """Return the rule for a secret in the file that waits."""
        return self.waiting.of(secret)


def held(accepted: Rules, waiting: Rules) -> HeldRules:
    """Return the rules in force while a file waits: never more than the accepted ones allow."""
    return HeldRules(
        defaults=accepted.defaults,
        rules=tuple(_listed(accepted, waiting)),
        four_eyes=accepted.four_eyes,
        stand_in=accepted.stand_in,
        accepted=accepted,
        waiting=waiting,
    )


def _listed(accepted: Rules, waiting: Rules) -> Iterator[Rule]:
    for name in exact_names(accepted, waiting):
        if rule := narrower(accepted.of(name), waiting.of(name)):
            yield rule
    for old, new in pairs(accepted.rules, waiting.rules):
        name = shared_name(old, new)
        if rule := narrower(old, new):
            access = rule.access and replace(rule.access, secret=name)
            yield Rule(name, access, table=rule.table)  # a pattern has no rotation


def exact_names(before: Rules, after: Rules) -> list[str]:
    """Return each secret that one of the files names, with the newest spelling."""
    named = (*before.exact_names(), *after.exact_names())
    return list({name.lower(): name for name in named}.values())


def shared_name(old: Rule | None, new: Rule | None) -> str:
    """Name the secrets that an old and a new pattern both match."""
    if old is None or new is None:
        return new.name if new else old.name if old else ""
    if new.covers(old.name):
        return old.name
    return new.name if old.covers(new.name) else f"{old.name} & {new.name}"
