"""The access review's card."""

from dataclasses import replace
from datetime import timedelta

from syrupy.assertion import SnapshotAssertion

from cards.audit.access_review_card import MOST_NAMES, MOST_ROWS, access_review_card
from cards.languages.language import LANGUAGES, speaking
from domain.audit.access_review import AccessReview
from domain.people import Person
from domain.policies.rule import Rule
from tests.cards.history_scenarios import ACCESS_REVIEW, HOLDING, UNUSED
from tests.cards.reading_cards import texts, whole_text


def drawn_text(review: AccessReview, *, file_follows: bool = True) -> str:
    return whole_text(access_review_card(review, file_follows=file_follows))


def test_a_review_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    assert access_review_card(ACCESS_REVIEW, file_follows=True) == card_snapshot


def test_a_review_is_drawn_in_german(card_snapshot: SnapshotAssertion) -> None:
    with speaking(LANGUAGES["de"]):
        drawn = access_review_card(ACCESS_REVIEW, file_follows=True)

    assert drawn == card_snapshot


def test_a_quiet_review_says_what_it_read() -> None:
    quiet = replace(
        ACCESS_REVIEW,
        requests=1,
        unreadable=0,
        holdings=(),
        unused_rules=(),
        unused_rights=(),
        unknown=(),
    )

    assert texts(access_review_card(quiet, file_follows=False)) == [
        "Access review · the last 90 days",
        "Nobody had access",
        (
            "From 23 Aug 2026, 14:05 UTC to 21 Nov 2026, 14:05 UTC. "
            "1 request made since 23 Jul 2026, 14:05 UTC was read."
        ),
        "In our personal chat, it's also a file.",
    ]


def test_a_long_review_says_how_much_is_only_in_the_file() -> None:
    people = [Person(f"id-{number}", f"Person {number}") for number in range(30)]
    long = replace(
        ACCESS_REVIEW,
        holdings=tuple(replace(HOLDING, person=person) for person in people),
        unused_rules=tuple(Rule(f"rule-{number}") for number in range(25)),
        unused_rights=tuple(replace(UNUSED, name=person.name) for person in people),
    )

    seen = drawn_text(long)

    assert "30 people, 1 secret" in seen
    assert f"… and {30 - MOST_ROWS} more, in the file." in seen
    assert "Rules that nobody had access by: 25 rule-0, rule-1, " in seen
    assert f"rule-4, and {25 - MOST_NAMES} more, in the file" in seen
    assert f"Person 4, and {30 - MOST_NAMES} more, in the file" in seen


def test_only_who_never_used_a_right_is_named() -> None:
    assert "Cy Careful" not in drawn_text(ACCESS_REVIEW)


def test_long_times_are_rounded_and_short_ones_are_not() -> None:
    long = replace(HOLDING, held=timedelta(days=3, minutes=5))
    short = replace(HOLDING, held=timedelta(hours=2, minutes=5))

    assert "Held for 3 days" in drawn_text(replace(ACCESS_REVIEW, holdings=(long,)))
    assert "Held for 2 hours 5 minutes" in drawn_text(replace(ACCESS_REVIEW, holdings=(short,)))
