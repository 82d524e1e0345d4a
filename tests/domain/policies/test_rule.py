"""Which rule covers a secret."""

import pytest

from domain.policies.rule import Rule, Rules
from tests.support.builders import a_policy


@pytest.mark.parametrize(
    ("name", "secret", "expected"),
    [
        ("App-Key", "app-KEY", True),
        ("app-key", "app-key-2", False),
        ("APP-*", "app-key", True),
        ("app-*", "APP-key", True),
        ("*-key", "app-key", True),
        ("app-*", "dev-key", False),
    ],
)
def test_a_rule_covers_the_secrets_of_its_name_in_any_case(
    name: str, secret: str, expected: bool
) -> None:
    assert Rule(name).covers(secret) is expected


def test_a_secret_has_the_first_rule_that_covers_it_under_its_own_name() -> None:
    exact, pattern = Rule("App-Key", a_policy(secret="App-Key")), Rule("app-*", a_policy())
    rotated = Rule("*")
    rules = Rules(defaults=a_policy(), rules=(exact, pattern, rotated))

    assert rules.of("app-key") == exact
    assert rules.of("app-other") == Rule("app-*", a_policy(secret="app-other"))
    assert rules.of("other") == rotated
    assert Rules(defaults=a_policy(), rules=(exact,)).of("other") is None
    assert rules.exact_names() == ["App-Key"]
