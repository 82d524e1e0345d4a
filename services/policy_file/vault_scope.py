"""Finds rules at vault scope whose grants would bypass stricter rules in that vault."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.access.rules.policy import Policy, ScopeKind
from domain.access.rules.step_up_rule import strictest_step_up
from domain.policies.rule import Rule
from services.policy_file.lines import Place
from services.policy_file.problems import PolicyFileProblem
from services.policy_file.rules import RuleMaker
from services.policy_file.schema import SecretTable

_NAMED_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class Placed:
    """A rule with the number of its table, or None if it comes from the variables only."""

    rule: Rule
    vault_id: str
    number: int | None = None
    opens_vault: bool = False
    is_closed: bool = False
    """Whether its own table makes it not requestable."""

    @property
    def place(self) -> Place:
        return () if self.number is None else ("secret", self.number)


def problems_of_vault_scope(rules: Sequence[Placed]) -> Iterator[PolicyFileProblem]:
    """Find each rule whose grant opens a whole vault that has secrets with stricter rules.

    The error is at its own table if the file has one, otherwise at the stricter rule.
    """
    for wide in rules:
        access = wide.rule.access
        if access is None or access.scope_kind is not ScopeKind.VAULT or wide.opens_vault:
            continue
        stricter = [
            (other, why)
            for other in rules
            if other.vault_id == wide.vault_id and other.rule.name.lower() != wide.rule.name.lower()
            if (why := _why_stricter(other, access))
        ]
        if wide.number is None:
            yield from _by_variables(
                wide, [each for each in stricter if each[0].number is not None]
            )
        elif stricter:
            yield PolicyFileProblem((*wide.place, "scope"), _opens(access, stricter))


def _opens(access: Policy, stricter: Sequence[tuple[Placed, str]]) -> str:
    named = [f"{other.rule.name} ({why})" for other, why in stricter[:_NAMED_AT_MOST]]
    more = len(stricter) - len(named)
    said = ", ".join(named) + (f" and {more} more" if more else "")
    return (
        f"a grant opens the whole vault {access.vault.name}, including {said}; "
        'set scope = "secret", or opens_vault = true if that is intended'
    )


def _by_variables(
    wide: Placed, stricter: Sequence[tuple[Placed, str]]
) -> Iterator[PolicyFileProblem]:
    for other, why in stricter:
        name, access = wide.rule.name, wide.rule.access
        vault = access.vault.name if access else ""
        yield PolicyFileProblem(
            other.place,
            f"is opened by a grant of {name}, which opens the whole vault {vault} ({why}); "
            f"set GRANT_SCOPE to secret, or give {name} a table with "
            'scope = "secret", or with opens_vault = true if that is intended',
        )


def _why_stricter(other: Placed, wide: Policy) -> str:
    """Return how a rule is stricter than another one, or an empty string."""
    strict = other.rule.access
    if strict is None:
        return "which can't be requested" if other.is_closed else ""
    reasons: list[str] = []
    if strict.min_approvals > wide.min_approvals:
        reasons.append(f"needs {strict.min_approvals} approvals, not {wide.min_approvals}")
    if not _ids(wide.approvers) <= _ids(strict.approvers):
        reasons.append("has other approvers")
    if strict.requesters and not (
        wide.requesters and _ids(wide.requesters) <= _ids(strict.requesters)
    ):
        reasons.append("limits who can ask")
    if strictest_step_up([strict.step_up, wide.step_up]) != strictest_step_up([wide.step_up]):
        reasons.append("asks for a stricter sign-in")
    if wide.auto_approve and strict.auto_approve != wide.auto_approve:
        reasons.append("isn't approved by the same auto_approve")
    return ", ".join(reasons) and f"which {' and '.join(reasons)}"


def _ids(who: Sequence[str]) -> set[str]:
    return {one.lower() for one in who}


def placed(tables: Sequence[tuple[int, SecretTable]], maker: RuleMaker) -> list[Placed]:
    """Return the rules of a file and those that come from the variables only."""
    found = [
        Placed(
            rule=maker.rule(table),
            vault_id=_vault_id(maker, table),
            number=number,
            opens_vault=table.opens_vault,
            is_closed=table.requestable is False,
        )
        for number, table in tables
    ]
    own = [SecretTable(name=name) for name in maker.names()]
    return [
        *found,
        *(
            Placed(rule=maker.rule(table), vault_id=_vault_id(maker, table))
            for table in own
            if not any(each.rule.covers(table.name) for each in found)
        ),
    ]


def _vault_id(maker: RuleMaker, table: SecretTable) -> str:
    return maker.terms(table).vault.resource_id.lower()
