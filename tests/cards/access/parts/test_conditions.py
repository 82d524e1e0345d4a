"""The conditions of approvals by rule, in the reader's language."""

import pytest

from cards.access.parts.conditions import describe_conditions
from cards.languages.language import language_of, speaking

KEPT = (
    "requesters, max = 2h, hours = Mon-Fri 08:00-18:00, Sat 10:00-12:00 Europe/Berlin; "
    "requesters, max = 1h, ticket = true"
)
KEPT_BY_AN_OLDER_VERSION = (
    "named requesters, at most 2 hours, Mon-Fri 08:00-18:00, Sat 10:00-12:00 Europe/Berlin; "
    "named requesters, at most 1 hour, with a ticket"
)


@pytest.mark.parametrize("kept", [KEPT, KEPT_BY_AN_OLDER_VERSION])
@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        ("en", KEPT_BY_AN_OLDER_VERSION),
        (
            "de",
            (
                "genannte Personen, höchstens 2 Stunden, Mon-Fri 08:00-18:00, Sat 10:00-12:00 "
                "Europe/Berlin; genannte Personen, höchstens 1 Stunde, mit Ticket"
            ),
        ),
    ],
)
def test_the_policys_own_words_stay_as_they_were_kept(locale: str, shown: str, kept: str) -> None:
    with speaking(language_of(locale)):
        assert describe_conditions(kept) == shown


def test_what_was_kept_otherwise_is_shown_as_it_is() -> None:
    kept = "at most a while,  ,with a cat"

    assert describe_conditions(kept) == "at most a while, ,with a cat"
