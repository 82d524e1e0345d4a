"""All errors of a policy file are reported at once, with line, table and key."""

import pytest

from services.policy_file.problems import PolicyFileError
from services.policy_file.reading import read_policies
from services.rotation.issuers import storage_account
from tests.services.policy_file.files import ISSUERS, KINDS, PLAIN, WITH_VARIABLES, faults_in


def test_all_errors_are_reported_at_once_in_file_order() -> None:
    faults = faults_in("""
[defaults]
pendin = "8h"

[[secret]]
name = "first"
max_duration = "long"
min_approvals = 0

[[secret]]
requestable = "yes"

[secret.rotation]
schedule = { cron = "often", timezone = "Nowhere" }
dependents = [
  { app = "checkout-api", setting = "API_KEY" },
  { app = "check/out", settin = "API_KEY" },
]

[secrets]
""")

    assert faults == [
        "line 3: defaults.pendin: is not a key of this table; did you mean pending?",
        "line 7: secret first: max_duration: must be a duration like 45m, 24h or 90d",
        "line 8: secret first: min_approvals: must be at least 1",
        "line 10: secret #2: name: is required",
        "line 11: secret #2: requestable: must be true or false",
        (
            "line 14: secret #2: rotation.schedule.cron: must be a cron expression with five "
            "fields and a next run, like 0 3 1 * *"
        ),
        (
            "line 14: secret #2: rotation.schedule.timezone: must be the name of a time zone, "
            "like Europe/Berlin"
        ),
        "line 15: secret #2: rotation.dependents #2: app: must be the name of an App Service",
        "line 15: secret #2: rotation.dependents #2: setting: is required",
        (
            "line 15: secret #2: rotation.dependents #2: settin: is not a key of this table; "
            "did you mean setting?"
        ),
        (
            "line 20: secrets: is not a table or key of this file: use [defaults], [[secret]] and "
            "policy_four_eyes"
        ),
    ]


def test_errors_between_keys_are_reported_with_errors_of_single_keys() -> None:
    faults = faults_in("""
[[secret]]
name = "first"
scope = "everything"

[[secret]]
name = "second"
requestable = true
min_duration = "9h"

[[secret]]
name = "SECOND"
""")

    assert faults == [
        "line 4: secret first: scope: must be vault or secret",
        "line 9: secret second: min_duration: min_duration 9h is longer than max_duration 4h",
        "line 12: secret SECOND: name: appears twice in the file",
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('name = "a b"', "name: must be a secret's name, where * matches anything"),
        ("name = 3", "name: must be a string in quotes"),
        (
            'approvers = ["Avery"]',
            "approvers: must be a list of emails, Entra object IDs or group:Name",
        ),
        (
            "approvers = []",
            "approvers: must be a list of emails, Entra object IDs or group:Name",
        ),
        (
            'approvers = "a@b"',
            "approvers: must be a list of emails, Entra object IDs or group:Name",
        ),
        ("min_approvals = 21", "min_approvals: must be at most 20"),
        ("min_approvals = 1.5", "min_approvals: must be a whole number"),
        ("pending = 8", "pending: must be a string in quotes"),
        ('pending = "0h"', "pending: must be a duration like 45m, 24h or 90d"),
        ('role = "reader"', "role: must be a role definition's GUID or full ID"),
        ('vault = "kv"', "vault: must be a table"),
        ('vault = { name = "k" }', "vault.name: must be the name of a vault"),
        ('vault = { url = "http://kv.example" }', "vault.url: must be an address like"),
        (
            'vault = { url = "https://kv.vault.azure.net/secrets/x" }',
            "vault.url: must be the vault's address without a path",
        ),
        ('vault = { resource_group = "rg" }', "vault: needs a name or a url"),
        ('vault = { name = "kv-a", subscription = "x" }', "vault.subscription: must be a GUID"),
        ('rotation = { issuer = "nobody" }', "rotation.issuer: must be one of other, random"),
        ("rotation = { options = { size = 3 } }", "rotation.options: size: no such option"),
        (
            "rotation = { options = { length = {} } }",
            "rotation.options: must be a table of strings",
        ),
        ("rotation = { options = 3 }", "rotation.options: must be a table of options"),
        ("rotation = { dependents = {} }", "rotation.dependents: must be a list"),
        ("rotation = { schedule = {} }", "rotation.schedule.cron: is required"),
        ('rotation = { schedule = { cron = "0 3 31 2 *" } }', "rotation.schedule.cron: must be a"),
        ('rotation = { schedule = { cron = "* * * * * *" } }', "rotation.schedule.cron: must be"),
        ('rotation = { max_age = "-1d" }', "rotation.max_age: must be a duration like"),
        (
            'rotation = { max_age = "12h" }',
            "rotation.max_age: must be longer than 1d, which is how",
        ),
        ('rotation = { max_age = "1d" }', "rotation.max_age: must be longer than 1d, which is how"),
        ('rotation = { field = "password" }', "rotation.field: must be a JSON pointer (RFC 6901)"),
        ('rotation = { field = "" }', "rotation.field: must be a JSON pointer (RFC 6901)"),
        ('rotation = { field = "/a~2" }', "rotation.field: must be a JSON pointer (RFC 6901)"),
        ('rotation = { key = "a=b" }', "rotation.key: must be the name of a key in a connection"),
        ('rotation = { field = "/a", key = "b" }', "rotation.key: can't be combined with field"),
        ('rotation = { second_admin = "no" }', "rotation.second_admin: must be true or false"),
    ],
)
def test_each_error_says_what_the_value_must_be(line: str, expected: str) -> None:
    name = "" if line.startswith("name") else 'name = "a"\n'

    (fault,) = faults_in(f"[[secret]]\n{name}{line}")

    assert f": {expected}" in fault


@pytest.mark.parametrize("zone", ["Nowhere", "../etc/passwd", "/etc/passwd", "", "Europe"])
def test_an_unknown_time_zone_is_an_error(zone: str) -> None:
    schedule = f'rotation = {{ schedule = {{ cron = "0 3 * * *", timezone = "{zone}" }} }}'

    (fault,) = faults_in(f'[[secret]]\nname = "a"\n{schedule}')

    assert "rotation.schedule.timezone: must be the name of a time zone" in fault


def test_more_approvals_than_approvers_is_an_error() -> None:
    assert faults_in("""
[[secret]]
name = "a"
requestable = true
approvers = ["avery@contoso.com", "avery@contoso.com"]
min_approvals = 2
""") == ["line 6: secret a: min_approvals: 1 approver can't give 2 approvals"]


def test_limits_are_checked_with_inherited_ones_and_reported_where_they_are_set() -> None:
    assert faults_in("""
[defaults]
min_duration = "2h"

[[secret]]
name = "a"
requestable = true
max_duration = "1h"

[[secret]]
name = "b"
requestable = true
""") == ["line 8: secret a: max_duration: min_duration 2h is longer than max_duration 1h"]


def test_an_error_in_the_defaults_is_reported_once() -> None:
    assert faults_in("""
[defaults]
requestable = true
min_duration = "5h"

[[secret]]
name = "a"
""") == ["line 4: defaults.min_duration: min_duration 5h is longer than max_duration 4h"]


def test_a_pattern_cannot_be_rotated() -> None:
    assert faults_in('[[secret]]\nname = "a-*"\n[secret.rotation]\noverlap = "1h"') == [
        ("line 3: secret a-*: rotation: needs the exact name of a secret, not a pattern")
    ]


def test_a_setting_cannot_depend_on_two_secrets_or_twice_on_one() -> None:
    dependent = 'rotation = { dependents = [{ app = "shop", setting = "KEY" }%s] }'

    faults = faults_in(f"""
[[secret]]
name = "a"
{dependent % ', { app = "SHOP", setting = "key" }'}

[[secret]]
name = "b"
{dependent % ""}
""")

    assert faults == [
        "line 4: secret a: rotation.dependents #2: SHOP key is already a dependent of a",
        "line 8: secret b: rotation.dependents #1: shop KEY is already a dependent of a",
    ]


def test_a_setting_of_the_variables_cannot_depend_on_another_secret_too() -> None:
    text = """
[[secret]]
name = "other-key"
rotation.dependents = [{ app = "checkout-api", setting = "api_key" }]
"""

    [fault] = faults_in(text, WITH_VARIABLES)

    assert fault.startswith("line 4: secret other-key: rotation.dependents #1:")
    assert fault.endswith("checkout-api api_key is already a dependent of app-api-key")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ('issuer = "nonsense"', "issuer: must be one of other, random; nonsense doesn't exist"),
        ("options = { size = 1 }", "options: size: no such option"),
    ],
)
def test_the_defaults_have_to_be_right_for_the_secret_of_the_variables(
    key: str, expected: str
) -> None:
    faults = faults_in(f"[defaults.rotation]\n{key}\n", WITH_VARIABLES)

    assert faults == [f"line 2: defaults.rotation.{expected}"]


def test_a_storage_account_cannot_issue_two_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    account = (
        "/subscriptions/5b1c0000-0000-4000-8000-000000000001/resourceGroups/rg"
        "/providers/Microsoft.Storage/storageAccounts/stdemo"
    )
    rotation = 'rotation = { issuer = "storage-account", options = { account = "%s" } }'

    monkeypatch.setitem(ISSUERS, "storage-account", storage_account.KIND)
    faults = faults_in(f"""
[[secret]]
name = "a"
{rotation % account}

[[secret]]
name = "b"
{rotation % account.upper().replace("STDEMO", "stdemo")}
""")

    (fault,) = faults
    assert fault.startswith(
        "line 8: secret b: rotation.options: account: a is already issued from it"
    )


@pytest.mark.parametrize("slot", ["production", "Production", "a/b"])
def test_the_app_itself_is_not_a_slot(slot: str) -> None:
    faults = faults_in(f"""
[[secret]]
name = "a"
[secret.rotation]
dependents = [{{ app = "shop", slot = "{slot}", setting = "KEY" }}]
""")

    assert faults == [
        (
            "line 5: secret a: rotation.dependents #1: slot: "
            "must be the name of a deployment slot; leave it out for the app itself"
        )
    ]


def test_the_same_setting_of_an_app_and_of_its_slot_is_allowed() -> None:
    text = """
[[secret]]
name = "a"
[secret.rotation]
dependents = [{ app = "shop", setting = "KEY" }, { app = "shop", slot = "s", setting = "KEY" }]
"""

    (rotation,) = read_policies(text, "policy.toml", PLAIN, KINDS).rotated()

    assert [str(each) for each in rotation.dependents] == ["shop KEY", "shop/s KEY"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("secret = 3", "line 1: secret: must be written as [[secret]], once for each secret"),
        ("[secret]", "line 1: secret: must be written as [[secret]], once for each secret"),
        ("secret = [3]", "line 1: secret #1: must be a table"),
        ("defaults = 3", "line 1: defaults: must be a table"),
    ],
)
def test_a_table_of_the_wrong_type_is_reported(text: str, expected: str) -> None:
    assert faults_in(text) == [expected]


def test_invalid_toml_is_reported_with_its_line() -> None:
    with pytest.raises(PolicyFileError) as refused:
        read_policies("[defaults]\npending = 8h\n", "rules.toml", PLAIN, KINDS)

    (fault,) = refused.value.faults
    assert fault.startswith("rules.toml: is not valid TOML: ")
    assert "line 2" in fault


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "requesters = []",
            "requesters: must be a list of emails, Entra object IDs or group:Name",
        ),
        ('guests = "no"', "guests: must be true or false"),
        ('justification = "maybe"', "justification: must be required or optional"),
        ('extend = "always"', "extend: must be freely or approval"),
        ('ticket_hint = ""', "ticket_hint: must be a sentence of at most 200 characters"),
        ("requests_per_hour = 0", "requests_per_hour: must be at least 1"),
        ("requests_per_hour = true", "requests_per_hour: must be a whole number"),
        ('owners_approve = "yes"', "owners_approve: must be true or false"),
        ('remind_after = "soon"', "remind_after: must be a duration like 45m, 24h or 90d"),
        ('ticket_hint = "CHG"', "ticket_hint: has no ticket pattern to explain: set ticket too"),
        (
            'remind_after = "8h"',
            "remind_after: is never reached: a request expires after 8h (pending)",
        ),
        ('escalate_after = "1h"', "escalate_after: needs escalation: the people to ask then"),
        ('escalation = ["a@b.c"]', "escalation: needs escalate_after: when to ask them"),
    ],
)
def test_errors_in_how_access_is_requested_are_reported(line: str, expected: str) -> None:
    text = f'[[secret]]\nname = "a"\nrequestable = true\n{line}'

    assert faults_in(text) == [f"line 4: secret a: {expected}"]


@pytest.mark.parametrize("pattern", ["(a+)+b", "CHG-(", ".*.*", "x" * 201, ""])
def test_a_ticket_pattern_that_could_hang_the_bot_is_an_error(pattern: str) -> None:
    (fault,) = faults_in(f"[defaults]\nticket = '{pattern}'")

    assert fault.startswith("line 2: defaults.ticket: must be a regular expression of at most 200")


def test_a_max_age_of_the_defaults_is_checked_once() -> None:
    (fault,) = faults_in(
        '[defaults.rotation]\nmax_age = "6h"\n'
        '[[secret]]\nname = "a"\n[secret.rotation]\n[[secret]]\nname = "b"\n[secret.rotation]'
    )

    assert "line 2: defaults.rotation.max_age: must be longer than 1d" in fault


def test_random_values_that_a_connection_string_must_quote_are_an_error() -> None:
    faults = faults_in(
        '[[secret]]\nname = "a"\n[secret.rotation]\nkey = "Password"\n'
        "options = { alphabet = 'ab;', length = 64 }"
    )

    assert any("a connection string can't hold ; ' \" { or }" in fault for fault in faults)


def test_a_rule_that_opens_stricter_secrets_is_reported_with_those_secrets() -> None:
    faults = faults_in("""
[[secret]]
name = "open"
requestable = true
scope = "vault"

[[secret]]
name = "two"
requestable = true
scope = "secret"
min_approvals = 2

[[secret]]
name = "closed"
requestable = false

[[secret]]
name = "named"
requestable = true
scope = "secret"
requesters = ["dana@contoso.example"]

[[secret]]
name = "elsewhere"
requestable = false
vault = { name = "kv-other" }
""")

    assert faults == [
        (
            "line 5: secret open: scope: a grant opens the whole vault kv-demo, including two "
            "(which needs 2 approvals, not 1), closed (which can't be requested), named "
            '(which limits who can ask); set scope = "secret", or opens_vault = true if that is '
            "intended"
        )
    ]


def test_opening_the_vault_is_allowed_if_intended_and_so_is_secret_scope() -> None:
    for said in ("opens_vault = true", 'scope = "secret"'):
        read_policies(
            '[[secret]]\nname = "closed"\nrequestable = false\n'
            f'[[secret]]\nname = "open"\nrequestable = true\n{said}\n',
            "policy.toml",
            PLAIN,
            KINDS,
        )


def test_a_secret_from_the_variables_is_reported_at_the_stricter_one_it_opens() -> None:
    faults = faults_in('[[secret]]\nname = "closed"\nrequestable = false\n', WITH_VARIABLES)

    assert len(faults) == 1
    assert faults[0].startswith("line 1: secret closed: is opened by a grant of demo-api-key,")


def test_a_name_and_an_address_of_different_vaults_are_an_error() -> None:
    faults = faults_in("""
[[secret]]
name = "one"
vault = { name = "kv-one", url = "https://kv-two.vault.azure.net" }
""")

    assert faults == [
        "line 4: secret one: vault.url: is the address of kv-two, but the name is kv-one"
    ]
