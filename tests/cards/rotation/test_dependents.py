"""What dependents are called on cards."""

from dataclasses import replace

import pytest

from cards.languages.language import LANGUAGES, speaking
from cards.rotation.dependents import WORDS, count_dependents, dependent_name, noun_of
from composition.kinds import DEPENDENTS
from domain.rotation.rotation import Dependent
from tests.cards.rotation_scenarios import LITERAL, PINNED

CONNECTION = replace(PINNED, kind="connection_string")
UNKNOWN = replace(PINNED, kind="batch_job")


def test_every_kind_of_dependent_has_words() -> None:
    known = {each.kind.name for each in DEPENDENTS}

    assert set(WORDS) == known


@pytest.mark.parametrize(
    ("language", "dependents", "expected"),
    [
        ("en", [LITERAL], "1 app setting"),
        ("en", [LITERAL, CONNECTION, LITERAL], "2 app settings and 1 connection string"),
        ("en", [UNKNOWN, UNKNOWN], "2 settings"),
        ("de", [CONNECTION, LITERAL], "1 Verbindungszeichenfolge und 1 App-Einstellung"),
    ],
)
def test_dependents_are_counted_by_their_kinds(
    language: str, dependents: list[Dependent], expected: str
) -> None:
    with speaking(LANGUAGES[language]):
        counted = count_dependents(dependents)

    assert counted == expected


@pytest.mark.parametrize("dependent", [LITERAL, CONNECTION, UNKNOWN])
def test_a_dependent_is_called_the_same_in_english_as_where_it_is_stored(
    dependent: Dependent,
) -> None:
    assert dependent_name(dependent) == str(dependent)
    assert noun_of(dependent) == dependent.noun
