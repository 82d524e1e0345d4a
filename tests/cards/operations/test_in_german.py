"""Help and what operators see, in German: to be read as its readers do."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.handlers.command_table import help_content
from cards.kit.elements import Content
from cards.kit.listing import Paging
from cards.languages.language import LANGUAGES, speaking
from cards.operations.doctor_card import doctor_card
from cards.operations.help_card import welcome_card
from cards.operations.hints import add_a_reason
from cards.operations.policy_file_card import policy_file_card
from cards.operations.policy_words import sentences
from cards.operations.progress_card import Task, progress_card, stopped_card
from cards.operations.stuck_card import SetAside, Stuck, stuck_card
from cards.operations.suggestion_card import Offer, ran, suggestion_card
from cards.operations.waiting_announcements import WaitingAnnouncements
from domain.phrases import phrase
from domain.policies.differences import differences
from domain.progress import Progress
from tests.cards.diagnoses import FINDINGS, STUCK, WELL, WORTH_A_LOOK
from tests.cards.operations.test_policy_words import EACH, rules_with
from tests.cards.policy_file_scenarios import POLICY_FILE_EVENTS
from tests.cards.scenarios import NOW, active, stuck_under_a_lock, taken
from tests.domain.policies.values import ACCESS_CASES, ROTATION_CASES
from tests.support.reading import buttons, words

TASK = Task("Doctor", "Checking configuration and permissions", "doctor")


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    with speaking(LANGUAGES["de"]):
        yield


def read(card: Content) -> list[str]:
    """Return a card's lines and buttons."""
    return [*words(card).splitlines(), *(f"[{title}]" for title in buttons(card))]


@pytest.mark.parametrize("is_admin", [False, True], ids=["no admin", "admin"])
@pytest.mark.parametrize("is_approver", [False, True], ids=["no approver", "approver"])
def test_the_welcome(snapshot: SnapshotAssertion, is_approver: bool, is_admin: bool) -> None:
    assert read(welcome_card(is_approver=is_approver, is_admin=is_admin)) == snapshot


def test_all_commands(snapshot: SnapshotAssertion) -> None:
    assert read(help_content()) == snapshot


def test_what_help_remembers_is_not_in_the_first_readers_language() -> None:
    in_german = read(help_content())
    with speaking(LANGUAGES["en"]):
        in_english = read(help_content())

    assert ("Für alle" in in_german, "For everyone" in in_english) == (True, True)


def test_the_doctor(snapshot: SnapshotAssertion) -> None:
    shown = [FINDINGS, WORTH_A_LOOK, WELL]

    assert [read(doctor_card(each, each * 4, Paging("20", "40"))) for each in shown] == snapshot


def test_what_is_stuck(snapshot: SnapshotAssertion) -> None:
    rows: Sequence[Stuck] = [*STUCK, stuck_under_a_lock().head, active(), taken()]
    aside = [SetAside("req-01jd7q3v9k", "…")] * 12

    assert read(stuck_card(rows, 3, aside, WaitingAnnouncements(3, NOW), tried=True)) == snapshot


def test_nothing_is_stuck(snapshot: SnapshotAssertion) -> None:
    waiting = WaitingAnnouncements(1, NOW)

    assert [read(stuck_card([], 0)), read(stuck_card([], 0, (), waiting))] == snapshot


def test_what_is_not_understood(snapshot: SnapshotAssertion) -> None:
    line = "request secret demo-api-key"
    cards = [
        suggestion_card(f"re{line}", "request secret NAME for 2h because REASON", [Offer(line)]),
        suggestion_card("sandwich", None, [Offer("help", "help")]),
    ]

    assert [*map(read, cards), ran(line), add_a_reason("req-01jd7q3v9k")] == snapshot


def test_how_far_it_is(snapshot: SnapshotAssertion) -> None:
    states = [
        Progress(),
        Progress(1_200),
        Progress(3, 1_200, (phrase("Tables"),) * 6),
    ]
    later = NOW + timedelta(seconds=8)
    cards = [progress_card(TASK, each, NOW, later) for each in states]

    assert [*map(read, cards), read(stopped_card(TASK))] == snapshot


@pytest.mark.parametrize("name", POLICY_FILE_EVENTS)
def test_the_policy_file(snapshot: SnapshotAssertion, name: str) -> None:
    assert read(policy_file_card(*POLICY_FILE_EVENTS[name])) == snapshot


def test_changes_of_rules(snapshot: SnapshotAssertion) -> None:
    said = {}
    for prefix, field, number in EACH:
        case = (ROTATION_CASES if prefix else ACCESS_CASES)[field][number]
        before, after = [rules_with(field, value, of_rotation=bool(prefix)) for value in case]
        said[f"{prefix}{field} {number}"] = sentences(differences(before, after))

    assert said == snapshot
