"""What a card says about the reads of a grant, and about what the log can't show."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from cards.access.reads_section import reads_section
from cards.kit.elements import card
from cards.languages.language import LANGUAGES, speaking
from domain.access.reads import LogSpan, ReadsSeen, ReadsUnknown, VersionReads
from domain.access.request import AzureAnswer
from tests.cards.reading_cards import texts
from tests.cards.scenarios import NOW

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
SPAN = LogSpan(NOW, NOW + timedelta(hours=2))
TWICE = VersionReads(
    secret="demo-api-key",
    version="0123456789abcdef0123456789abcdef",
    count=2,
    first=NOW + MINUTE,
    last=NOW + 20 * MINUTE,
)
SILENT = (
    "The log has nothing at all of {vaults} at that time: it isn't sent there, or the log doesn't "
    "go back so far."
)
ONCE = replace(TWICE, version="f" * 32, count=1, first=NOW + DAY, last=NOW + DAY)


def said(reads: ReadsSeen | ReadsUnknown) -> list[str]:
    title, *rest = texts(card(reads_section(reads)))
    assert title == "Reads"
    return rest


def seen(**changes: Any) -> ReadsSeen:
    return replace(ReadsSeen(span=SPAN), **changes)


def test_each_version_has_a_line_with_its_times() -> None:
    assert said(seen(versions=(TWICE, ONCE))) == [
        "demo-api-key, version 01234567: 2 reads, from 14:06:00 UTC to 14:25:00 UTC",
        "demo-api-key, version ffffffff: one read, at 22 Nov 2026, 14:05 UTC",
    ]


def test_reads_in_one_second_have_one_time() -> None:
    at_once = replace(TWICE, last=TWICE.first)

    assert said(seen(versions=(at_once,))) == [
        "demo-api-key, version 01234567: 2 reads, at 14:06:00 UTC"
    ]


def test_no_read_in_the_log_is_not_called_unused() -> None:
    assert said(seen()) == ["There is no read in the vault's log."]


def test_a_log_that_lags_behind_says_from_when_on() -> None:
    assert said(seen(known_until=NOW + 5 * MINUTE)) == [
        "There is no read in the vault's log.",
        "Reads after 14:10 UTC may not be in the log yet.",
    ]


def test_a_silent_vault_stands_in_place_of_no_read() -> None:
    [line] = said(seen(silent=("demo-vault", "other-vault")))

    assert line == SILENT.format(vaults="demo-vault and other-vault")


def test_what_is_special_about_the_reads_is_said_below_them() -> None:
    reads = seen(
        versions=(TWICE,), late=1, by_other_role=2, silent=("other-vault",), is_whole=False
    )

    assert said(reads)[1:] == [
        (
            "1 of them was after this grant ended: Azure can take up to 10 minutes to apply that, "
            "or another grant still allowed it."
        ),
        "2 of them were allowed by another role assignment, not by this grant's.",
        SILENT.format(vaults="other-vault"),
        "There may be earlier ones that aren't listed here.",
    ]


def test_a_log_that_cannot_be_asked_says_what_azure_answered() -> None:
    assert said(ReadsUnknown(AzureAnswer(403, "InsufficientAccessError"))) == [
        "I couldn't ask the vault's log: Azure answered 403 InsufficientAccessError."
    ]
    assert said(ReadsUnknown(AzureAnswer())) == ["I couldn't ask the vault's log just now."]


def test_very_many_versions_are_counted() -> None:
    many = tuple(replace(TWICE, version=f"{number:032}") for number in range(20))

    assert said(seen(versions=many))[-1] == "… and 15 more versions"


def test_it_is_said_in_german() -> None:
    with speaking(LANGUAGES["de"]):
        drawn = texts(card(reads_section(seen(versions=(TWICE,), known_until=NOW))))

    assert drawn == [
        "Lesezugriffe",
        "demo-api-key, Version 01234567: 2 Lesezugriffe, von 14:06:00 UTC bis 14:25:00 UTC",
        "Lesezugriffe nach 14:05 UTC stehen möglicherweise noch nicht im Protokoll.",
    ]
