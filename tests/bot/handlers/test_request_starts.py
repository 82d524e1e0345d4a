"""The start in a typed request."""

from datetime import UTC, datetime

import pytest

from bot.handlers.lines.request_commands import BreakGlass, PickSecret, RequestSecret
from cards.kit.times import utc
from cards.languages.language import LANGUAGES, speaking
from tests.bot.handlers.reading import read_command, seconds_to_read

A = ("a-key",)


@pytest.mark.parametrize(
    ("line", "duration", "start", "reason"),
    [
        ("for 2h from 22:00", "2h", "22:00", None),
        ("for 2h from 22:00 because of it", "2h", "22:00", "of it"),
        ("from 22:00 for 2h because of it", "2h", "22:00", "of it"),
        ("2h from 22:00 tomorrow", "2h", "22:00 tomorrow", None),
        ("for 2h from tomorrow 22:00", "2h", "tomorrow 22:00", None),
        ("for 2h from tomorrow at 10 pm", "2h", "tomorrow at 10 pm", None),
        ("for 2h from 22:00 2026-12-01", "2h", "22:00 2026-12-01", None),
        ("for 2h from 2026-12-01 22:00, because of it", "2h", "2026-12-01 22:00", "of it"),
        ("for 2h from 10pm please", "2h", "10pm", None),
        ("For 2h From 22:00.", "2h", "22:00", None),
        ("from 22:00", None, "22:00", None),
        ("from 22:00 because of it", None, "22:00", "of it"),
        ("for 2h from 25:00", "2h", "25:00", None),
        ("for 2h from 22.00", "2h", "22.00", None),
        ("for 2h from tomorrow", "2h", "tomorrow", None),
        ("for 2h from tomorrow for the release", "2h", "tomorrow", "the release"),
        ("for 2h from 22:00 for the release", "2h", "22:00", "the release"),
        ("for 2h from Monday 9:00 because of it", "2h", "Monday 9:00", "of it"),
        ("for 2h starting at 22:00", "2h", "at 22:00", None),
        ("for 2h starting tomorrow because of it", "2h", "tomorrow", "of it"),
        ("for 2h tomorrow at 22:00 because of it", "2h", "tomorrow at 22:00", "of it"),
        ("for 2h at 22:00, for the release", "2h", "at 22:00", "the release"),
        ("for 2h on Friday because of it", "2h", "on Friday", "of it"),
        ("for 2h tomorrow because of it", "2h", "tomorrow", "of it"),
        ("for 2h today because of it", "2h", None, "today because of it"),
        ("for 2h starting the batch", "2h", None, "starting the batch"),
        ("for the move from Oracle from 22:00", None, "22:00", "the move from Oracle"),
        ("for 2h for the move from 3 servers", "2h", None, "the move from 3 servers"),
        ("for 2h because it runs from 22:00", "2h", None, "it runs from 22:00"),
        ("for 2h from 22:00 UTC because of it", "2h", "22:00 UTC", "of it"),
        ("for 2h from 22:00 friday because of it", "2h", "22:00 friday", "of it"),
        ("for 2h from 22:00 on Friday for the release", "2h", "22:00 on Friday", "the release"),
        ("für 2h ab 22:00 Uhr am Freitag weil", "2h", "22:00 Uhr am Freitag", None),
        ("for 2h at 22:00 on friday because of it", "2h", "at 22:00 on friday", "of it"),
        ("for 2h from 22:00 on call", "2h", "22:00", "on call"),
        ("for 2h from 22:00 until 23:00", "2h", "22:00 until 23:00", None),
        ("for 2h from 22:00 or 23:00", "2h", "22:00 or 23:00", None),
        ("for 2h from 22 Uhr", "2h", "22 Uhr", None),
        ("for 2h from 22", "2h", "22", None),
        ("for 2h from 2 Mar 2026, 22:00 UTC", "2h", "2 Mar 2026, 22:00 UTC", None),
        ("from 2 Mar 2026, 22:00 UTC because of it", None, "2 Mar 2026, 22:00 UTC", "of it"),
        ("for 2h on 2 Mar 2026 at 10 pm UTC for it", "2h", "on 2 Mar 2026 at 10 pm UTC", "it"),
        ("2h 2 Mar 2026, 22:00 because of it", "2h", "2 Mar 2026, 22:00", "of it"),
        ("für 2h ab 2. März 2026, 22:00 UTC weil x", "2h", "2. März 2026, 22:00 UTC", "x"),
        ("for 2h in 10 minutes because of it", "2h", "in 10 minutes", "of it"),
        ("for 2h in prod because of it", "2h", None, "in prod because of it"),
        ("for 2h from 22:00 from 23:00", "2h", "22:00 from 23:00", None),
        ("for 2h tomorrow 22:00 from 23:00", "2h", "23:00 from tomorrow 22:00", None),
        ("from 22:00 for 2h from tomorrow", "2h", "22:00 from tomorrow", None),
    ],
)
def test_a_start_is_taken_out_of_the_line(
    line: str, duration: str | None, start: str | None, reason: str | None
) -> None:
    expected = RequestSecret(A, duration, reason, start=start)

    assert read_command(f"request secret a-key {line}") == expected


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("month", range(1, 13))
def test_a_start_is_taken_as_cards_show_it(code: str, month: int) -> None:
    with speaking(LANGUAGES[code]):
        shown = utc(datetime(2026, month, 2, 22, 0, tzinfo=UTC))

    for line in (f"for 2h from {shown} because of it", f"from {shown} for 2h because of it"):
        expected = RequestSecret(A, "2h", "of it", start=shown)
        assert read_command(f"request secret a-key {line}") == expected


def test_a_start_goes_with_a_colleague_and_several_secrets() -> None:
    found = read_command(
        "request secret a-key and b-key for alice@contoso.com for 1h from 22:00 tomorrow because x"
    )

    expected = RequestSecret(("a-key", "b-key"), "1h", "x", "alice@contoso.com", "22:00 tomorrow")
    assert found == expected


def test_a_start_of_break_glass_access_is_read_so_that_it_can_be_refused() -> None:
    found = read_command("break glass a-key from 22:00 because fire")

    assert found == BreakGlass(A, None, "fire", "22:00")


def test_a_start_is_not_the_name_of_a_secret() -> None:
    assert read_command("request secret from 22:00") == PickSecret("from 22:00")


def test_a_secret_can_have_the_name_from() -> None:
    assert read_command("request secret from for 2h") == RequestSecret(("from",), "2h", None)


@pytest.mark.parametrize("words", ["from 22 ", "from from ", "from 2026-12-01 ", "from tomorrow "])
def test_many_starts_do_not_block_the_bot(words: str) -> None:
    assert seconds_to_read(f"request secret a-key for 2h {words * 20_000}") < 0.5
