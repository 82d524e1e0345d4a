"""What a policy file changes on top of the variables."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.access.rules.policy import JustificationRule, ScopeKind
from domain.rotation.policy import RotationPolicy, Schedule
from domain.rotation.rotation import AppSlot, Dependent
from domain.rotation.secret_parts import Part, PartKind
from domain.secrets import Vault
from tests.services.policy_file.files import (
    APP,
    OTHER_SUBSCRIPTION,
    PLAIN,
    ROTATED,
    SUBSCRIPTION,
    WITH_VARIABLES,
    read,
)
from tests.support.builders import VAULT, a_policy


def test_without_a_file_the_variables_alone_apply() -> None:
    policies = read("", WITH_VARIABLES)

    assert policies.of("demo-api-key") == a_policy(secret="demo-api-key")
    assert [policy.secret for policy in policies.all()] == ["demo-api-key"]
    assert list(policies.rotated()) == [ROTATED]
    assert policies.of("app-api-key") is None
    assert policies.rotation_of("demo-api-key") is None
    assert policies.defaults == WITH_VARIABLES.access


def test_a_secret_can_be_both_requested_and_rotated() -> None:
    policies = read("", replace(WITH_VARIABLES, requestable=("APP-api-key",)))

    assert [policy.secret for policy in policies.all()] == ["APP-api-key"]
    assert [policy.secret for policy in policies.rotated()] == ["APP-api-key"]


def test_a_table_overrides_only_what_it_sets() -> None:
    policies = read("""
        [[secret]]
        name = "demo-api-key"
        requestable = true
        approvers = ["avery@contoso.com", "22222222-0000-4000-8000-000000000001"]
        min_approvals = 2
        max_duration = "1h30m"
        scope = "secret"
    """)

    expected = a_policy(
        secret="demo-api-key",
        approvers=("avery@contoso.com", "22222222-0000-4000-8000-000000000001"),
        min_approvals=2,
        longest=timedelta(minutes=90),
        scope_kind=ScopeKind.SECRET,
    )
    assert policies.of("demo-api-key") == expected


def test_a_table_overrides_the_defaults_which_override_the_variables() -> None:
    policies = read("""
        [defaults]
        requestable = true
        min_duration = "10m"
        pending = "2h"
        role = "21090545-7CA7-4776-B22C-E363652D74D2"

        [[secret]]
        name = "first"
        pending = "1h"

        [[secret]]
        name = "second"
    """)

    first, second = policies.all()
    assert (first.pending_for, second.pending_for) == (timedelta(hours=1), timedelta(hours=2))
    assert first.shortest == second.shortest == timedelta(minutes=10)
    assert first.longest == second.longest == PLAIN.access.longest
    assert second.role == "21090545-7ca7-4776-b22c-e363652d74d2"


def test_secrets_in_the_variables_are_requestable_unless_their_table_says_no() -> None:
    table = '[[secret]]\nname = "demo-API-key"\n'

    listed = read(table, WITH_VARIABLES)
    refused = read(f"{table}requestable = false", WITH_VARIABLES)

    assert listed.of("demo-api-key") == a_policy(secret="demo-API-key")
    assert refused.of("demo-api-key") is None


def test_secrets_in_neither_a_table_nor_a_variable_are_not_requestable() -> None:
    policies = read('[[secret]]\nname = "other"\n[secret.rotation]\n', WITH_VARIABLES)

    assert policies.of("other") is None
    assert policies.of("unheard-of") is None


def test_an_exact_name_beats_a_pattern_in_any_order() -> None:
    policies = read("""
        [defaults]
        requestable = true

        [[secret]]
        name = "dev-*"
        max_duration = "1h"

        [[secret]]
        name = "dev-*-key"
        max_duration = "2h"

        [[secret]]
        name = "dev-a-key"
        max_duration = "3h"
    """)

    longest = {name: policies.of(name) for name in ("DEV-A-key", "dev-b-key", "dev-")}
    assert {name: policy and policy.longest for name, policy in longest.items()} == {
        "DEV-A-key": timedelta(hours=3),
        "dev-b-key": timedelta(hours=1),
        "dev-": timedelta(hours=1),
    }
    assert policies.of("prod-a-key") is None


def test_a_patterns_policy_has_the_name_of_the_requested_secret() -> None:
    policies = read('[[secret]]\nname = "dev-*"\nscope = "secret"\nrequestable = true')

    found = policies.of("dev-a")

    assert found is not None
    assert found.secret == "dev-a"
    assert found.scope == VAULT.secret_scope("dev-a")
    assert [policy.secret for policy in policies.all()] == ["dev-*"]


def test_a_pattern_also_covers_secrets_in_the_variables() -> None:
    policies = read('[[secret]]\nname = "demo-*"\nmax_duration = "20m"', WITH_VARIABLES)

    found = policies.of("demo-api-key")

    assert found is not None
    assert found.longest == timedelta(minutes=20)
    assert policies.of("demo-other") is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            '{ name = "kv-other" }',
            Vault(
                "kv-other",
                "https://kv-other.vault.azure.net",
                f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-demo"
                "/providers/Microsoft.KeyVault/vaults/kv-other",
            ),
        ),
        (
            '{ url = "https://kv-eu.vault.example/", resource_group = "rg-eu" }',
            Vault(
                "kv-eu",
                "https://kv-eu.vault.example",
                f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-eu"
                "/providers/Microsoft.KeyVault/vaults/kv-eu",
            ),
        ),
        (
            (
                f'{{ name = "kv-x", url = "https://localhost:8443", '
                f'subscription = "{OTHER_SUBSCRIPTION}" }}'
            ),
            Vault(
                "kv-x",
                "https://localhost:8443",
                f"/subscriptions/{OTHER_SUBSCRIPTION}/resourceGroups/rg-demo"
                "/providers/Microsoft.KeyVault/vaults/kv-x",
            ),
        ),
    ],
)
def test_a_secret_can_be_in_another_vault(written: str, expected: Vault) -> None:
    policies = read(
        f'[[secret]]\nname = "a"\nrequestable = true\nvault = {written}\n[secret.rotation]'
    )

    access, rotation = policies.of("a"), policies.rotation_of("a")

    assert access is not None
    assert rotation is not None
    assert expected == access.vault == rotation.vault
    assert policies.defaults.vault == VAULT


def test_an_empty_rotation_table_means_random_values_on_command() -> None:
    policies = read('[[secret]]\nname = "a"\n[secret.rotation]')

    assert list(policies.rotated()) == [RotationPolicy(secret="a", vault=VAULT)]


def test_a_rotation_table_sets_everything_about_a_rotation() -> None:
    policies = read(f"""
        [[secret]]
        name = "a"

        [secret.rotation]
        issuer = "other"
        options = {{ length = 48 }}
        overlap = "2h"
        max_age = "90d"
        schedule = {{ cron = "30  2 * * 0", timezone = "Europe/Berlin", jitter = "0s" }}
        second_admin = true
        rotate_after_grant = true
        dependents = [
          {{ app = "checkout-api", setting = "API_KEY", health_url = "https://x.example/health" }},
          {{ app = "checkout-api", slot = "staging", setting = "API_KEY" }},
        ]

        [[secret]]
        name = "b"

        [[secret.rotation.dependents]]
        app = "billing"
        setting = "KEY"
        resource_group = "rg-b"
        subscription = "{OTHER_SUBSCRIPTION}"
    """)

    first, second = policies.rotated()
    assert first == RotationPolicy(
        secret="a",
        vault=VAULT,
        issuer="other",
        options=(("length", "48"),),
        overlap=timedelta(hours=2),
        max_age=timedelta(days=90),
        schedule=Schedule("30 2 * * 0", "Europe/Berlin", timedelta()),
        second_admin=True,
        after_grant=True,
        dependents=(
            Dependent(APP, "API_KEY", "https://x.example/health"),
            Dependent(replace(APP, slot="staging"), "API_KEY"),
        ),
    )
    assert second.dependents == (Dependent(AppSlot(OTHER_SUBSCRIPTION, "rg-b", "billing"), "KEY"),)


def test_rotations_have_their_own_defaults() -> None:
    policies = read("""
        [defaults.rotation]
        issuer = "other"
        options = { length = 20 }
        overlap = "1h"
        max_age = "30d"
        schedule = { cron = "0 4 * * *" }
        second_admin = true

        [[secret]]
        name = "a"
        [secret.rotation]

        [[secret]]
        name = "b"
        [secret.rotation]
        issuer = "random"
        second_admin = false
        overlap = "3h"
    """)

    first, second = policies.rotated()
    assert (first.issuer, first.options) == ("other", (("length", "20"),))
    assert (second.issuer, second.options) == ("random", ())
    assert (first.overlap, second.overlap) == (timedelta(hours=1), timedelta(hours=3))
    assert (first.second_admin, second.second_admin) == (True, False)
    assert first.schedule == second.schedule == Schedule("0 4 * * *")
    assert first.max_age == second.max_age == timedelta(days=30)


def test_a_rotation_table_starts_from_the_rotation_in_the_variables() -> None:
    policies = read(
        '[[secret]]\nname = "App-Api-Key"\nvault = { name = "kv-other" }\n'
        '[secret.rotation]\nmax_age = "90d"',
        WITH_VARIABLES,
    )

    found = policies.rotation_of("app-api-key")

    assert found is not None
    assert (found.secret, found.vault.name) == ("App-Api-Key", "kv-other")
    assert (found.dependents, found.schedule) == (ROTATED.dependents, ROTATED.schedule)
    assert found.max_age == timedelta(days=90)


def test_a_table_can_remove_the_dependents_in_the_variables() -> None:
    policies = read(
        '[[secret]]\nname = "app-api-key"\n[secret.rotation]\ndependents = []', WITH_VARIABLES
    )

    assert [rotation.dependents for rotation in policies.rotated()] == [()]


def test_the_overlap_in_the_variables_applies_to_every_rotation() -> None:
    policies = read(
        '[[secret]]\nname = "a"\n[secret.rotation]', replace(PLAIN, overlap=timedelta(hours=3))
    )

    assert [rotation.overlap for rotation in policies.rotated()] == [timedelta(hours=3)]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("48", "48"),
        ("0.5", "0.5"),
        ("true", "true"),
        ('"hex"', "hex"),
        ('["lower", "upper"]', "lower, upper"),
    ],
)
def test_options_reach_the_issuer_as_strings(written: str, expected: str) -> None:
    policies = read(f'[[secret]]\nname = "a"\n[secret.rotation.options]\nlength = {written}')

    assert [rotation.options for rotation in policies.rotated()] == [(("length", expected),)]


def test_a_table_sets_how_access_is_requested() -> None:
    policies = read("""
        [defaults]
        guests = true
        ticket = 'CHG-\\d+'
        ticket_hint = "a change"
        requests_per_hour = 3

        [[secret]]
        name = "demo-api-key"
        requestable = true
        requesters = ["dana@contoso.com"]
        justification = "optional"
        on_behalf = ["dana@contoso.com"]
        break_glass = ["cy@contoso.com"]
        break_glass_max = "10m"
        owners_approve = true
        remind_after = "0s"
        escalate_after = "2h"
        escalation = ["cy@contoso.com"]
        extend = "freely"
        allow_locked = true
        start_within = "2d"
    """)

    expected = a_policy(
        secret="demo-api-key",
        requesters=("dana@contoso.com",),
        guests=True,
        justification=JustificationRule(required=False, ticket=r"CHG-\d+", hint="a change"),
        on_behalf=("dana@contoso.com",),
        break_glass=("cy@contoso.com",),
        break_glass_longest=timedelta(minutes=10),
        owners_approve=True,
        requests_per_hour=3,
        remind_after=timedelta(),
        escalate_after=timedelta(hours=2),
        escalation=("cy@contoso.com",),
        extend_freely=True,
        allow_locked=True,
        start_within=timedelta(days=2),
    )
    assert policies.of("demo-api-key") == expected


def test_a_hint_belongs_to_its_ticket_pattern() -> None:
    policies = read("""
        [defaults]
        requestable = true
        ticket = 'CHG'
        ticket_hint = "a change"

        [[secret]]
        name = "a"
        ticket = 'INC'
    """)

    assert [policy.justification.hint for policy in policies.all()] == [""]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('field = "/database/password"', Part(PartKind.FIELD, "/database/password")),
        ('key = "Password"', Part(PartKind.KEY, "Password")),
        ("", None),
    ],
)
def test_a_rotation_can_change_a_part_of_the_secret(line: str, expected: Part | None) -> None:
    policies = read(f'[[secret]]\nname = "a"\n[secret.rotation]\n{line}')

    (rotation,) = policies.rotated()
    assert rotation.part == expected
