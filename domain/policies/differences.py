"""How the rules of a deployment change, secret by secret and field by field."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from domain.access.rules.policy import Policy
from domain.policies.fields import ACCESS, ROTATION, Comparison, Plain
from domain.policies.held import exact_names, shared_name
from domain.policies.narrower import AT_ONCE, widening
from domain.policies.patterns import pairs
from domain.policies.rule import Rule, Rules
from domain.rotation.policy import RotationPolicy

FOUR_EYES = "policy_four_eyes"
REQUESTABLE = "requestable"
ROTATED = "rotated"
OF_ROTATION = "rotation."
"""Begins the name of each field of a rotation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field that has another value than before, for these secrets and patterns.

    There are no secrets if it's about the file.
    """

    secrets: tuple[str, ...]
    field: str
    before: Plain
    after: Plain
    widens: bool
    """Whether it allows more, or belongs to a rotation that does: see `narrower`."""
    is_new: bool = False
    """Whether it describes a rule that is new, so that there is no value before."""


def differences(before: Rules, after: Rules) -> tuple[Difference, ...]:
    """Compare the rules for every secret; what widens comes first.

    Compared are the rules that apply to a secret, not the tables of the file. So it's seen if
    another pattern applies now, or none.
    """
    found: list[Difference] = []
    if before.four_eyes != after.four_eyes:
        found.append(
            Difference(
                secrets=(),
                field=FOUR_EYES,
                before=before.four_eyes,
                after=after.four_eyes,
                widens=before.four_eyes,
            )
        )
    for name in exact_names(before, after):
        found.extend(_between(name, before.of(name), after.of(name), before.defaults))
    for old, new in pairs(before.rules, after.rules):
        found.extend(_between(shared_name(old, new), old, new, before.defaults))
    return _together(sorted(found, key=lambda one: not one.widens))


def _between(name: str, old: Rule | None, new: Rule | None, usual: Policy) -> Iterator[Difference]:
    """Compare two rules for the same secret; a rule that is new is compared with the usual one."""
    access = (old and old.access, new and new.access)
    yield from _of_kind(name, REQUESTABLE, ACCESS, *access, usual)
    rotation = (old and old.rotation, new and new.rotation)
    plain = RotationPolicy(secret=name, vault=usual.vault)
    yield from _of_kind(name, ROTATED, ROTATION, *rotation, plain)


def _of_kind(
    name: str, kind: str, compared: Mapping[str, Comparison], old: Any, new: Any, usual: Any
) -> Iterator[Difference]:
    """Compare two policies of a kind, of which either may be missing."""
    prefix = OF_ROTATION if kind == ROTATED else ""

    if old and new:
        wider = widening(compared, old, new)
        if wider and kind == ROTATED:
            wider |= compared.keys() - AT_ONCE
        for field in compared:
            before, after = getattr(old, field), getattr(new, field)
            if before != after:
                yield Difference(
                    secrets=(name,),
                    field=prefix + field,
                    before=compared[field].plain(before),
                    after=compared[field].plain(after),
                    widens=field in wider,
                )
    elif old:
        # Whoever has read a value can use it until it is rotated.
        widens = kind == ROTATED
        yield Difference(secrets=(name,), field=kind, before=True, after=False, widens=widens)
    elif new:
        yield Difference(secrets=(name,), field=kind, before=False, after=True, widens=True)
        for field, how in compared.items():
            value = getattr(new, field)
            if how.introduces or value != getattr(usual, field):
                yield Difference(
                    secrets=(name,),
                    field=prefix + field,
                    before=None,
                    after=how.plain(value),
                    widens=True,
                    is_new=True,
                )


def _together(those: Sequence[Difference]) -> tuple[Difference, ...]:
    """Join the secrets that differ in the same way."""
    joined: dict[Difference, list[str]] = {}
    for one in those:
        joined.setdefault(replace(one, secrets=()), []).extend(one.secrets)
    return tuple(replace(one, secrets=tuple(secrets)) for one, secrets in joined.items())
