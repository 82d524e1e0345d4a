"""Lines as people type them: quotes, backticks, full stops, URLs, a missing ``for``."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handlers.lines.command import AboutOne, AboutSecret, Alone, WithReason
from bot.handlers.lines.erase_command import Erase
from bot.handlers.lines.history_commands import ExportHistory, ShowHistory, Wanted
from bot.handlers.lines.request_commands import BreakGlass, ExtendAccess, RequestSecret
from bot.handlers.lines.why_command import Why
from services.audit.files.export import Format
from tests.bot.handlers.reading import read_command, seconds_to_read

DB = ("db-password",)
WHOLE = RequestSecret(DB, "2h", "a test")
ADDRESS = "https://demo-vault.vault.azure.net/secrets/db-password"
DECORATED = [
    "`db-password`",
    "```db-password```",
    "\u201cdb-password\u201d",
    "\u201edb-password\u201c",
    "\u2018db-password\u2019",
    "\u00abdb-password\u00bb",
    '"db-password"',
    "'db-password'",
    "<db-password>",
    "(db-password)",
    "**db-password**",
    "db-password.",
    "db-password!",
    "db-password;",
    "'db-password'.",
    "'db-password.'",
    "\ufeffdb-password\u200e",
    "db-\u00adpass\u200bword",
    "\u2066`db-password`\u2069",
    "\u2060 db-password\u200c \u200d",
]


@pytest.mark.parametrize("name", DECORATED)
def test_quotes_and_stops_around_a_name_are_ignored(name: str) -> None:
    expected: dict[str, object] = {
        f"request secret {name}": RequestSecret(DB, None, None),
        f"request {name} for 2h because a test": WHOLE,
        f"request secret {name}, for 2h because a test": WHOLE,
        f"request secrets {name} and {name}": RequestSecret(DB, None, None),
        f"break glass {name} because fire": BreakGlass(DB, None, "fire"),
        f"rotate {name}": AboutSecret("rotate", "db-password"),
        f"plan {name}": AboutSecret("plan", "db-password"),
        f"history {name}": ShowHistory(Wanted("db-password", "")),
        f"history {name} last 7d.": ShowHistory(Wanted("db-password", "7d")),
        f"export json {name}": ExportHistory(Format.JSON, Wanted("db-password", "")),
    }

    assert {line: read_command(line) for line in expected} == expected


@pytest.mark.parametrize(
    "unseen", ["\ufeff", "\u200e", "\u2060", "\u00ad", "\u2066", "\u200d", "\u3164"]
)
@pytest.mark.parametrize(
    "line",
    [
        "{0}status{0} req-abcdefghij{0}",
        "{0} status req-abcdefghij",
        "{0}@Latchkey {0}status req-{0}abcdefghij",
        "{0}`status req-abcdefghij`{0}",
        "{0}/sta{0}tus {0} req-abcdefghij",
    ],
)
def test_what_is_invisible_in_copied_text_is_ignored(line: str, unseen: str) -> None:
    assert read_command(line.format(unseen)) == AboutOne("status", "req-abcdefghij")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "request secret a-key \u200efor\u200e 2\u200bh from \u206622:00\u2069 be\u00adcause x",
            RequestSecret(("a-key",), "2h", "x", start="22:00"),
        ),
        ("why a\u200b-key @me\ufeff", Why("a-key", "@me")),
        ("erase @da\u00adna@contoso.com", Erase("@dana@contoso.com")),
        ("extend req-1 \u20661h\u2069", ExtendAccess("req-1", "1h")),
    ],
)
def test_what_is_invisible_in_any_part_is_ignored(line: str, expected: object) -> None:
    assert read_command(line) == expected


@pytest.mark.parametrize("line", ["request secret db-password because {}", "deny req-1 {}"])
def test_what_is_invisible_in_a_reason_stays(line: str) -> None:
    reason = "the 👨\u200d👩\u200d👧 of \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    found = read_command(line.format(reason))

    assert isinstance(found, RequestSecret | WithReason)
    assert (found.justification if isinstance(found, RequestSecret) else found.reason) == reason


@pytest.mark.parametrize(
    "written",
    [
        "req-abcdefghij",
        "`req-abcdefghij`",
        "\u201cREQ-abcdefghij\u201d",
        "req-abcdefghij.",
        "'req-abcdefghij'?",
    ],
)
def test_quotes_and_stops_around_an_id_are_ignored(written: str) -> None:
    one = "req-abcdefghij"
    expected: dict[str, object] = {
        f"status {written}": AboutOne("status", one),
        f"Status of {written}": AboutOne("status", one),
        f"cancel {written}": AboutOne("cancel", one),
        f"cancel request {written}": AboutOne("cancel", one),
        f"revoke {written}": AboutOne("revoke", one),
        f"retry {written}": AboutOne("retry", one),
        f"verify {written}": AboutOne("verify", one),
        f"extend {written} 1h": ExtendAccess(one, "1h"),
        f"extend {written} `1h`.": ExtendAccess(one, "1h"),
        f"extend {written} by 1h 30m": ExtendAccess(one, "1h 30m"),
        f"extend {written} for 1h": ExtendAccess(one, "1h"),
    }

    assert {line: read_command(line) for line in expected} == expected


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("`request secret db-password for 2h because a test`", WHOLE),
        ("\u201crequest secret db-password\u201d", RequestSecret(DB, None, None)),
        ("```\nrotate db-password\n```", AboutSecret("rotate", "db-password")),
        ("`help`", Alone("help")),
        ("Help!", Alone("help")),
        ("?", Alone("help")),
        ("secrets.", Alone("secrets")),
        ("my access?", Alone("my access")),
        ("rotate secret db-password", AboutSecret("rotate", "db-password")),
        ("rotate secret", AboutSecret("rotate", "secret")),
    ],
)
def test_a_whole_line_can_be_quoted_or_a_sentence(line: str, command: object) -> None:
    assert read_command(line) == command


@pytest.mark.parametrize(
    "line",
    [
        "request secret db-password for 2h because a test",
        "request secret db-password 2h because a test",
        "request secret db-password, 2h because a test",
        "request secret db-password 2h, because a test",
        "request secret db-password for 2h. because a test",
        "request secret db-password for `2h` because a test",
        "request secret db-password for 2h, because: a test",
        "request access to db-password for 2h because a test",
        "request secret: db-password for 2h because a test",
        "request secret db-password for 2h for a test",
        "request secret db-password for a test for 2h",
    ],
)
def test_a_request_is_complete_however_its_parts_are_joined(line: str) -> None:
    assert read_command(line) == WHOLE


@pytest.mark.parametrize(
    ("parts", "duration", "reason"),
    [
        ("for debugging prod", None, "debugging prod"),
        ("for debugging prod because it is down", None, "debugging prod because it is down"),
        ("for debugging the job for tenant 5", None, "debugging the job for tenant 5"),
        ("for debugging prod for 1h30m", "1h30m", "debugging prod"),
        ("for 2 hours to debug prod", "2 hours", "to debug prod"),
        ("to debug prod", None, "to debug prod"),
        ("since prod is down", None, "since prod is down"),
        ("for CHG-1234", None, "CHG-1234"),
        ("for", None, None),
        ("because", None, None),
        ("for because a test", None, "a test"),
        ("please", None, None),
        ("for 2h, please", "2h", None),
        ("for a while", "a while", None),
        ("for a while because of tests", "a while", "of tests"),
        ("for -2h because of tests", "-2h", "of tests"),
        ("for 2h2h because of tests", "2h2h", "of tests"),
        ("for 2 tickets", "2 tickets", None),
        (
            "for 1 day, 2 hours and 30 minutes because of tests",
            "1 day, 2 hours and 30 minutes",
            "of tests",
        ),
        ("because \u201cprod\u201d is down.\nfor 2h", None, "\u201cprod\u201d is down.\nfor 2h"),
        (f"for 24x7 {'work ' * 20}", None, f"24x7 {'work ' * 20}".strip()),
    ],
)
def test_a_reason_is_distinguished_from_a_duration_and_nothing_is_lost(
    parts: str, duration: str | None, reason: str | None
) -> None:
    assert read_command(f"request secret db-password {parts}") == RequestSecret(
        DB, duration, reason
    )


@pytest.mark.parametrize(
    ("parts", "duration", "reason"),
    [
        ("for alice@contoso.com", None, None),
        ("for <alice@contoso.com>.", None, None),
        ("for alice@contoso.com 2h because a test", "2h", "a test"),
        ("for 2h for alice@contoso.com because a test", "2h", "a test"),
        ("for alice@contoso.com for debugging prod", None, "debugging prod"),
    ],
)
def test_the_grantee_is_distinguished_from_both(
    parts: str, duration: str | None, reason: str | None
) -> None:
    assert read_command(f"request secret db-password {parts}") == RequestSecret(
        DB, duration, reason, "alice@contoso.com"
    )


def test_nobody_can_break_glass_for_someone_else() -> None:
    found = read_command("break glass db-password for alice@contoso.com for 1h because fire")

    assert found == BreakGlass(DB, "alice@contoso.com", "fire")  # an invalid duration


@pytest.mark.parametrize(
    "line",
    [
        "request secret db-password app-key",
        "request secret db-password app-key because a test",
        "request secret ,",
        "break glass",
    ],
)
def test_a_missing_name_or_comma_is_not_guessed(line: str) -> None:
    assert read_command(line) is None


@pytest.mark.parametrize(
    "line",
    [
        "@Latchkey request secret db-password for 2h because a test",
        "Latchkey, request secret db-password for 2h because a test",
        "latchkey: please request db-password 2h because a test",
        "Please request secret db-password for 2h because a test",
        "hey Latchkey, request secret db-password for 2h because a test",
        "/request secret db-password for 2h because a test",
        "`@Latchkey request secret db-password for 2h because a test`",
        "@Latchkey `request secret db-password for 2h because a test`",
    ],
)
def test_what_precedes_a_command_is_ignored(line: str) -> None:
    assert read_command(line) == WHOLE


@pytest.mark.parametrize("line", ["please", "@Latchkey", "latchkey", "/", "hey ok"])
def test_a_line_that_is_only_an_address_is_no_command(line: str) -> None:
    assert read_command(line) is None


@pytest.mark.parametrize("address", [ADDRESS, f"{ADDRESS}/0123", f"<{ADDRESS}>", f"`{ADDRESS}`."])
def test_a_url_is_kept_whole(address: str) -> None:
    kept = address.strip("<>`.")

    assert read_command(f"request secret {address} for 2h because a test") == RequestSecret(
        (kept,), "2h", "a test"
    )
    assert read_command(f"rotate {address}") == AboutSecret("rotate", kept)


_WORDS = st.sampled_from(
    [
        *(
            "request",
            "secret",
            "secrets",
            "access",
            "to",
            "break",
            "glass",
            "for",
            "because",
            "and",
        ),
        *(
            ",",
            "&",
            ",,",
            "`db-password`",
            "2h",
            "a",
            "while",
            "alice@x.y",
            ".",
            "`",
            "\u201c",
            "\u201d",
        ),
        *(
            "please",
            "status",
            "cancel",
            "extend",
            "by",
            "history",
            "last",
            "export",
            "rotate",
            "of",
        ),
    ]
)


@given(st.lists(_WORDS | st.text(max_size=8)).map(" ".join) | st.text())
def test_no_text_raises(text: str) -> None:
    read_command(text)


@given(st.text(alphabet="abc -.,\u201c`'for2h\n", min_size=1))
def test_a_reason_is_kept_as_typed(reason: str) -> None:
    reason = reason.strip()
    found = read_command(f"request secret db-password for 2h because {reason}")

    assert found == RequestSecret(DB, "2h", reason or None)


@pytest.mark.parametrize(
    "text",
    [
        "`" * 200_000,
        ".'" * 100_000,
        "request secret db-password " + "for b " * 60_000,
        "request secret db-password for " + "2h " * 60_000,
        "request secret db-password for " + "1 day and " * 20_000 + "because " * 20_000,
        "request " + "secret " * 30_000,
        "status " + "'" * 200_000,
        "status " + "\u200b " * 100_000,
        "\u200b" * 200_000,
    ],
    ids=[
        *("backticks", "stops", "fors", "durations", "days", "secrets", "quotes"),
        *("unseen words", "unseen"),
    ],
)
def test_a_very_long_line_does_not_block(text: str) -> None:
    assert seconds_to_read(text) < 2


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        (
            "abandon `ROT-ABC` because the secret, it seems, was purged.",
            "the secret, it seems, was purged.",
        ),
        ("abandon rot-abc  the secret was purged", "the secret was purged"),
        ("abandon rot-abc because", ""),
        ("Abandon rot-abc.", ""),
    ],
)
def test_the_reason_to_abandon_a_rotation_is_kept_as_typed(typed: str, reason: str) -> None:
    expected = WithReason("abandon", "rot-abc", reason)

    assert read_command(typed) == expected
