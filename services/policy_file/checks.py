"""Errors between the keys of a policy file, each of which is valid on its own."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from domain.access.rules.policy import Policy
from domain.durations import write_duration
from domain.names import listed
from domain.policies.rule import Rule
from domain.rotation.policy import RotationPolicy
from domain.rotation.rotation import Dependent
from domain.rotation.schedule import CHECK_EVERY
from domain.rotation.secret_parts import is_plain
from domain.secrets import other_vault
from services import values
from services.policy_file.lines import Place
from services.policy_file.problems import PolicyFileProblem
from services.policy_file.rules import RuleMaker, is_pattern
from services.policy_file.schema import (
    AccessTable,
    CommonRotationTable,
    DefaultsTable,
    RotationTable,
    SecretTable,
    VaultTable,
)
from services.policy_file.vault_scope import placed, problems_of_vault_scope
from services.rotation.issuers.issuer import IssuerKind

Issuers = Mapping[str, IssuerKind]
Numbered = Sequence[tuple[int, SecretTable]]


def problems_between(
    common: DefaultsTable, tables: Numbered, maker: RuleMaker, issuers: Issuers
) -> Iterator[PolicyFileProblem]:
    """Find errors between keys; ``tables`` come with their numbers in the file."""
    rules = [(number, table, maker.rule(table)) for number, table in tables]
    named = maker.named([table for _, table in tables])
    yield from _bounds(("defaults",), common, maker.access)
    yield from _asking(("defaults",), common, maker.access)
    yield from _step_up(("defaults",), common, maker.access, maker.missing_for_sign_in)
    yield from _vault(("defaults", "vault"), common.vault)
    yield from _max_age(("defaults", "rotation"), common.rotation)
    for number, table, rule in rules:
        place: Place = ("secret", number)
        if rule.access:
            yield from _bounds(place, table, rule.access)
            yield from _asking(place, table, rule.access)
            yield from _step_up(place, table, rule.access, maker.missing_for_sign_in)
            yield from _approved_by_rule((*place, "auto_approve"), rule.access)
        yield from _vault((*place, "vault"), table.vault)
        yield from _rotation((*place, "rotation"), table, rule, issuers)
    for rule in named:
        yield from _issued(("defaults", "rotation"), rule.rotation, issuers)
    yield from problems_of_vault_scope(placed(tables, maker))
    yield from _named_twice(tables)
    yield from _written_twice([(number, rule) for number, _, rule in rules], named)
    yield from _issued_twice([(number, rule) for number, _, rule in rules], named, issuers)


def _bounds(place: Place, table: AccessTable, access: Policy) -> Iterator[PolicyFileProblem]:
    """Check a table's limits against those that it inherits."""
    if access.shortest > access.longest and (table.min_duration or table.max_duration):
        key = "min_duration" if table.min_duration else "max_duration"
        shortest, longest = map(write_duration, (access.shortest, access.longest))
        yield PolicyFileProblem(
            (*place, key), f"min_duration {shortest} is longer than max_duration {longest}"
        )
    count = len(set(access.approvers))
    has_group = any(values.group_in(one) is not None for one in access.approvers)
    if not has_group and access.min_approvals > count and (table.min_approvals or table.approvers):
        key = "min_approvals" if table.min_approvals else "approvers"
        people = "1 approver" if count == 1 else f"{count} approvers"
        yield PolicyFileProblem(
            (*place, key), f"{people} can't give {access.min_approvals} approvals"
        )


def _asking(place: Place, table: AccessTable, access: Policy) -> Iterator[PolicyFileProblem]:
    """Check how requests are made and decided."""
    if table.ticket_hint and not access.justification.ticket:
        yield PolicyFileProblem(
            (*place, "ticket_hint"), "has no ticket pattern to explain: set ticket too"
        )
    if table.escalate_after and not access.escalation:
        yield PolicyFileProblem(
            (*place, "escalate_after"), "needs escalation: the people to ask then"
        )
    if table.escalation and not access.escalate_after:
        yield PolicyFileProblem((*place, "escalation"), "needs escalate_after: when to ask them")
    for key in ("remind_after", "escalate_after"):
        stated: timedelta | None = getattr(table, key)
        if stated and stated >= access.pending_for:
            pending = write_duration(access.pending_for)
            yield PolicyFileProblem(
                (*place, key), f"is never reached: a request expires after {pending} (pending)"
            )


def _step_up(
    place: Place, table: AccessTable, access: Policy, missing: Sequence[str]
) -> Iterator[PolicyFileProblem]:
    """Check that there is a sign-in to confirm with; ``missing`` are the variables it lacks."""
    if table.step_up and missing:
        sentence = f"needs a sign-in, so set {listed(missing)} too (docs/deploy.md)"
        yield PolicyFileProblem((*place, "step_up"), sentence)
    for key in ("step_up_for", "step_up_max_age"):
        if getattr(table, key) is not None and not access.step_up.required and place[0] == "secret":
            yield PolicyFileProblem((*place, key), "has no effect without step_up: set it too")


def _approved_by_rule(place: Place, access: Policy) -> Iterator[PolicyFileProblem]:
    """Check a rule that approves requests against what its secret asks for."""
    rule = access.auto_approve
    if rule is None:
        return
    if access.min_approvals > 1:
        yield PolicyFileProblem(
            place, f"can't replace {access.min_approvals} approvals (min_approvals)"
        )
    if access.step_up.required:
        yield PolicyFileProblem(place, "can't replace a decision that is confirmed with a sign-in")
    longest, shortest = map(write_duration, (access.longest, access.shortest))
    given = write_duration(rule.longest)
    if rule.longest > access.longest:
        yield PolicyFileProblem((*place, "max"), f"{given} is longer than max_duration {longest}")
    if rule.longest < access.shortest:
        yield PolicyFileProblem((*place, "max"), f"{given} is shorter than min_duration {shortest}")
    if rule.ticket and not access.justification.ticket:
        yield PolicyFileProblem(
            (*place, "ticket"), "has no ticket pattern to look for: set ticket in [[secret]] too"
        )


def _vault(place: Place, table: VaultTable | None) -> Iterator[PolicyFileProblem]:
    if table is None:
        return
    if not (table.name or table.url):
        yield PolicyFileProblem(place, "needs a name or a url")
    if table.name and table.url and (other := other_vault(table.name, table.url)):
        yield PolicyFileProblem(
            (*place, "url"), f"is the address of {other}, but the name is {table.name}"
        )


def _rotation(
    place: Place, table: SecretTable, rule: Rule, issuers: Issuers
) -> Iterator[PolicyFileProblem]:
    if table.rotation and is_pattern(table):
        yield PolicyFileProblem(place, "needs the exact name of a secret, not a pattern")
    yield from _issued(place, rule.rotation, issuers)
    issuer = issuers.get(rule.rotation.issuer) if rule.rotation else None
    if table.rotation and rule.rotation and issuer:
        yield from _max_age(place, table.rotation)
        yield from _part(place, table.rotation, rule.rotation, issuer)


def _issued(
    place: Place, rotation: RotationPolicy | None, issuers: Issuers
) -> Iterator[PolicyFileProblem]:
    """Check a secret's issuer and its options."""
    if rotation is None:
        return
    issuer = issuers.get(rotation.issuer)
    if issuer is None:
        known = ", ".join(sorted(issuers))
        sentence = f"must be one of {known}; {rotation.issuer} doesn't exist"
        yield PolicyFileProblem((*place, "issuer"), sentence)
        return
    for sentence in issuer.check_options(rotation.options):
        yield PolicyFileProblem((*place, "options"), sentence)


def _max_age(place: Place, table: CommonRotationTable) -> Iterator[PolicyFileProblem]:
    """Check that the periodic expiry check comes before a version expires."""
    if table.max_age and table.max_age <= CHECK_EVERY:
        looks = write_duration(CHECK_EVERY)
        sentence = f"must be longer than {looks}, which is how often expiry is checked"
        yield PolicyFileProblem((*place, "max_age"), sentence)


def _part(
    place: Place, table: RotationTable, rotation: RotationPolicy, issuer: IssuerKind
) -> Iterator[PolicyFileProblem]:
    """Check which part of a secret is rotated."""
    if table.field is not None and table.key is not None:
        yield PolicyFileProblem(
            (*place, "key"), "can't be combined with field: only one part is rotated"
        )
    if rotation.part and issuer.keeps_structure(rotation.options):
        sentence = "can't be used if the issuer creates the whole connection string"
        yield PolicyFileProblem((*place, rotation.part.kind), sentence)
    characters = issuer.characters(rotation.options)
    if table.key is not None and characters and not is_plain(characters):
        sentence = "a connection string can't hold ; ' \" { or } in a value without quotes"
        yield PolicyFileProblem((*place, "options"), sentence)


def _named_twice(tables: Numbered) -> Iterator[PolicyFileProblem]:
    seen: set[str] = set()
    for number, table in tables:
        if table.name.lower() in seen:
            yield PolicyFileProblem(("secret", number, "name"), "appears twice in the file")
        seen.add(table.name.lower())


def _written_twice(
    rules: Sequence[tuple[int, Rule]], named: Sequence[Rule]
) -> Iterator[PolicyFileProblem]:
    """Find settings that would be written by two secrets, or twice by one.

    ``named`` are the rules of the secrets that only the variables name.
    """
    owners = {
        _key(dependent): rule.name
        for rule in named
        for dependent in (rule.rotation.dependents if rule.rotation else ())
    }
    for number, rule in rules:
        dependents = rule.rotation.dependents if rule.rotation else ()
        for position, dependent in enumerate(dependents):
            owner = owners.get(_key(dependent))
            if owner:
                place: Place = ("secret", number, "rotation", "dependents", position)
                yield PolicyFileProblem(place, f"{dependent} is already a dependent of {owner}")
            owners[_key(dependent)] = rule.name


def _issued_twice(
    rules: Sequence[tuple[int, Rule]], named: Sequence[Rule], issuers: Issuers
) -> Iterator[PolicyFileProblem]:
    """Find secrets issued from one account: rotating one would invalidate the other."""
    owners: dict[tuple[str, str], str] = {}
    for number, rule in [*((None, rule) for rule in named), *rules]:
        issuer = issuers.get(rule.rotation.issuer) if rule.rotation else None
        if rule.rotation is None or issuer is None or issuer.of_one_secret is None:
            continue
        option, why = issuer.of_one_secret
        resource = dict(rule.rotation.options).get(option, "").lower()
        owner = owners.setdefault((rule.rotation.issuer, resource), rule.name)
        if number is not None and resource and owner != rule.name:
            place: Place = ("secret", number, "rotation", "options")
            yield PolicyFileProblem(place, f"{option}: {owner} is already issued from it; {why}")


def _key(dependent: Dependent) -> tuple[str, str, str]:
    return dependent.app.id.lower(), dependent.kind, dependent.setting.lower()
