"""Requests as people type them: one secret or several, and what follows."""

import pytest

from bot.handlers.lines.command import WithReason
from bot.handlers.lines.request_commands import BreakGlass, ExtendAccess, PickSecret, RequestSecret
from domain.durations import parse_duration
from tests.bot.handlers.reading import read_command, seconds_to_read

A, AB, ABC = ("a-key",), ("a-key", "b-key"), ("a-key", "b-key", "c-key")


@pytest.mark.parametrize(
    ("names", "secrets"),
    [
        ("a-key", A),
        ("a-key, b-key", AB),
        ("a-key,b-key", AB),
        ("a-key ,b-key", AB),
        ("a-key  ,  b-key", AB),
        ("a-key and b-key", AB),
        ("a-key AND b-key", AB),
        ("a-key & b-key", AB),
        ("a-key&b-key", AB),
        ("a-key\nand b-key", AB),
        ("a-key, b-key and c-key", ABC),
        ("a-key, b-key, and c-key", ABC),
        ("a-key, b-key, & c-key", ABC),
        ("a-key and b-key & c-key", ABC),
        ("a-key, A-KEY and a-key", A),
        ("and-a, b-and and for-c", ("and-a", "b-and", "for-c")),
        ("a-key, and-b", ("a-key", "and-b")),
        ("a, because-b", ("a", "because-b")),
        ("for", ("for",)),
        ("because", ("because",)),
        ("and", ("and",)),
        ("for and a-key", ("for", "a-key")),
        ("../root?x=1", ("../root?x=1",)),
    ],
)
def test_names_are_separated(names: str, secrets: tuple[str, ...]) -> None:
    asked = RequestSecret(secrets, "2h", "a test")

    assert read_command(f"request secret {names}") == RequestSecret(secrets, None, None)
    assert read_command(f"request {names} for 2h because a test") == asked
    assert read_command(f"Request Secrets {names}, for 2h because a test") == asked
    assert read_command(f"break glass {names} because fire") == BreakGlass(secrets, None, "fire")


def test_several_secrets_can_be_requested_for_someone_else() -> None:
    found = read_command("request secret a-key and b-key for alice@contoso.com for 1h")

    assert found == RequestSecret(AB, "1h", None, "alice@contoso.com")


@pytest.mark.parametrize(
    ("text", "whom", "reason"),
    [
        ("for @alice@contoso.com", "@alice@contoso.com", None),
        ("for @alice@contoso.com, because a test", "@alice@contoso.com", "a test"),
        ("for @alice because a test", "@alice", "a test"),
        ("f\u00fcr @alice weil a test", "@alice", "a test"),
        ("for a@b@contoso.com because a test", "a@b@contoso.com", "a test"),
        ("for [a@b.com](mailto:a@b.com)", "a@b.com](mailto:a@b.com", None),
        ("for @ home because a test", "", "@ home because a test"),
        ("for alice because a test", "", "alice because a test"),
        ("because @alice asked", "", "@alice asked"),
    ],
)
def test_what_begins_with_an_at_is_a_person(text: str, whom: str, reason: str | None) -> None:
    assert read_command(f"request secret a-key {text}") == RequestSecret(A, None, reason, whom)


@pytest.mark.parametrize(
    ("text", "whom", "reason"),
    [
        ("for Alice von Berg because a test", "Alice von Berg", "a test"),
        ("for Alice von Berg, because a test", "Alice von Berg", "a test"),
        ("for Alice von Berg.", "Alice von Berg", None),
        ("for Alice von Berg who is ill", "Alice von Berg", "who is ill"),
        ("for Alice because a test", "", "Alice because a test"),
        ("for Alice von Berg's test", "", "Alice von Berg's test"),
        ("for a test of Alice von Berg", "", "a test of Alice von Berg"),
        ("because Alice von Berg asked", "", "Alice von Berg asked"),
    ],
)
def test_who_is_mentioned_after_for_is_a_person(text: str, whom: str, reason: str | None) -> None:
    found = read_command(f"request secret a-key {text}", ["Alice von Berg"])

    assert found == RequestSecret(A, None, reason, whom)


@pytest.mark.parametrize("name", ["Alice (Guest)", "Alice B. Jr.", "\u201eAli\u201c Berg", "2h"])
@pytest.mark.parametrize("end", ["", ",", "."])
def test_a_name_that_is_mentioned_is_taken_as_it_is(name: str, end: str) -> None:
    found = read_command(f"request secret a-key for {name}{end} for 1h", [name])

    assert found == RequestSecret(A, "1h", None, name)
    assert read_command(f"request for {name}{end} 1h", [name]) == PickSecret(
        f"for {name}{end} 1h", name
    )


def test_break_glass_access_for_a_colleague_is_not_taken_for_oneself() -> None:
    taken = read_command("break glass a-key for Alice because fire", ["Alice"])

    assert taken == BreakGlass(A, "Alice", "fire")


def test_the_reason_names_no_secrets() -> None:
    found = read_command("request secret a-key because b-key and c-key are down, for now")

    assert found == RequestSecret(A, None, "b-key and c-key are down, for now")


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("request", ""),
        ("Request.", ""),
        ("request secret", ""),
        ("request secrets", ""),
        ("request access to", ""),
        ("request secret for 2h because a test", "for 2h because a test"),
        ("request for 2h because a test", "for 2h because a test"),
        ("request secret because a test", "because a test"),
        ("request secret from 22:00", "from 22:00"),
    ],
)
def test_a_request_without_a_name_keeps_the_rest(text: str, more: str) -> None:
    assert read_command(text) == PickSecret(more)


@pytest.mark.parametrize(
    "text",
    [
        "request secret a-key b-key",
        "request secret a-key and",
        "request secret a-key,, b-key",
        "request secret a-key and for 2h",
        "request secret a-key and because of it",
    ],
)
def test_an_invalid_list_is_not_understood(text: str) -> None:
    assert read_command(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "request secret " + "a-key, " * 30_000,
        "request secret " + "a and " * 30_000 + "!",
        "request secret " + "a and for " * 20_000,
        "request secret " + "a" * 200_000 + " b",
        "request secret " + "a, for b because " * 12_000 + "\n",
        "request secret a" + " " * 100_000 + "," + " " * 100_000,
    ],
    ids=["commas", "ands", "fors", "one name", "all of them", "spaces"],
)
def test_a_very_long_list_does_not_block(text: str) -> None:
    assert seconds_to_read(text) < 2


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a-key für 2 Stunden weil der Shop steht", ("2 Stunden", "der Shop steht")),
        ("a-key, für 1 Stunde 30 Minuten, weil: Test", ("1 Stunde 30 Minuten", "Test")),
        ("a-key 2h wegen eines Tests", ("2h", "eines Tests")),
        (
            "a-key für den Rollout für Kunden weil es brennt",
            (None, "den Rollout für Kunden weil es brennt"),
        ),
        ("a-key für eine Stunde weil es brennt", ("eine Stunde", "es brennt")),
        ("a-key for the demo für 2h", ("2h", "the demo")),
    ],
)
def test_the_small_words_can_be_german(line: str, expected: tuple[str | None, str | None]) -> None:
    assert read_command(f"request secret {line}") == RequestSecret(A, *expected)


def test_a_whole_german_request_is_read() -> None:
    found = read_command("request secret a-key und b-key für 2h ab 22:00 morgen weil Wartung")

    assert found == RequestSecret(AB, "2h", "Wartung", start="22:00 morgen")


@pytest.mark.parametrize("because", ["because", "weil", "Wegen", ""])
def test_the_word_before_the_reason_of_a_decision_can_be_german(because: str) -> None:
    assert read_command(f"deny req-1 {because} ein Test") == WithReason("deny", "req-1", "ein Test")


@pytest.mark.parametrize("by", ["um", "für", "by", "for", ""])
def test_the_word_before_the_duration_of_an_extension_can_be_german(by: str) -> None:
    assert read_command(f"extend req-1 {by} 1 Stunde") == ExtendAccess("req-1", "1 stunde")


@pytest.mark.parametrize(
    ("line", "duration", "reason"),
    [
        ("1h 30 because of it", "1h 30", "of it"),
        ("2 h 30", "2 h 30", None),
        ("1 hour and a half because of it", "1 hour and a half", "of it"),
        ("1h or 2h", "1h or 2h", None),
        ("1h or so for the release", "1h or so", "the release"),
        ("1h - 2h because of it", "1h - 2h", "of it"),
        ("1h to 2h because of it", "1h to 2h", "of it"),
        ("1 Stunde und eine halbe weil es brennt", "1 Stunde und eine halbe", "es brennt"),
        ("1h for 2h because of it", "1h for 2h", "of it"),
    ],
)
def test_no_part_of_a_duration_is_used_without_the_rest(
    line: str, duration: str, reason: str | None
) -> None:
    assert read_command(f"request secret a-key for {line}") == RequestSecret(A, duration, reason)
    assert parse_duration(duration) is None


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2h to deploy", "to deploy"),
        ("2h for 2 customers", "2 customers"),
        ("2h since the shop is down", "since the shop is down"),
    ],
)
def test_a_reason_after_a_duration_is_not_part_of_it(line: str, reason: str) -> None:
    assert read_command(f"request secret a-key for {line}") == RequestSecret(A, "2h", reason)
