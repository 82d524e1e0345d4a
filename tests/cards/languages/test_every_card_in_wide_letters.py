"""No card has a word that is neither from a catalogue nor from people, Azure or a line to type."""

import pytest

from bot.handlers.command_table import COMMANDS
from cards.kit.elements import Content
from tests.cards.languages.left import every_wide_card, left_in
from tests.cards.languages.wide import plain_words

LINES = {
    word for command in COMMANDS for usage in command.usages for word in plain_words(usage.form)
}
SENTENCES_OF_THE_SCENARIOS = (
    "checkout-api did not take the new setting: App Service did not answer in 30 seconds",
    "az keyvault secret show --vault-name",
    "--query value --output tsv",
    "event 7",
    "field ",
)
FROM_AZURE_AND_THE_SCENARIOS = {
    *("Ada", "Approver", "Dana", "Developer", "Latchkey", "a-", "a-key", "aa", "ab-cdef-"),
    *("app-api-key", "b-key", "bb", "checkout-api", "f-", "fa", "fcd", "jd", "kv-demo", "staging"),
    "SecretGet",
    *(
        "checkpoints",
        "ers-",
        "orp-",
        "drl-",
        "policy-file",
        "req-",
        "ret",
        "rg",
        "retention",
        "rg-demo",
        "role-id",
        "rot-",
        "sch-",
        "team-",
    ),
    *("App", "Service", "AuthorizationFailed", "Key", "Vault", "Secrets", "User"),
    *("Berlin", "Europe", "Mon-Fri", "UTC", "name", "true"),
    *("KeyVault", "Microsoft", "providers", "resourceGroups", "secrets", "subscriptions", "vaults"),
}


@pytest.fixture(scope="module")
def cards() -> dict[str, Content]:
    return every_wide_card()


def test_every_word_of_a_card_is_from_a_catalogue_or_from_elsewhere(
    cards: dict[str, Content],
) -> None:
    known = LINES | FROM_AZURE_AND_THE_SCENARIOS
    found = {
        (name, text)
        for name, content in cards.items()
        for text in left_in(content)
        if not set(plain_words(_ours(text))) <= known
    }

    assert found == set()


def _ours(text: str) -> str:
    for sentence in SENTENCES_OF_THE_SCENARIOS:
        text = text.replace(sentence, "")
    return text
