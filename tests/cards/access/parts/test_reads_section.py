"""What a card says about the reads of a grant, and about what the log can't show."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from cards.access.parts.reads_section import reads_section
from cards.kit.elements import card
from cards.languages.language import LANGUAGES, speaking
from domain.access.grant import AzureAnswer
from domain.access.reads import (
    LogSpan,
    Read,
    ReadOfGrant,
    ReadsSeen,
    ReadsUnknown,
    SecretOfVault,
    VersionReads,
)
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
NONE = "The vault's log shows no read so far, which doesn't prove that there was none."
READ = ReadOfGrant(
    read=Read(
        at=NOW + MINUTE,
        place=SecretOfVault("/vaults/kv-demo", "demo-api-key"),
        version="0123456789abcdef0123456789abcdef",
        caller="11111111-0000-4000-8000-000000000001",
    )
)
ONCE = replace(TWICE, version="f" * 32, count=1, first=NOW + DAY, last=NOW + DAY)


def said(reads: ReadsSeen | ReadsUnknown) -> list[str]:
    title, *rest = texts(card(reads_section(reads, "req-one")))
    assert title == "Reads"
    return rest


def seen(**changes: Any) -> ReadsSeen:
    return replace(ReadsSeen(span=SPAN), **changes)


def test_each_version_has_a_line_with_its_times() -> None:
    assert said(seen(versions=(TWICE, ONCE))) == [
        "demo-api-key, version 01234567: 2 reads, from 14:06:00 UTC to 14:25:00 UTC",
        "demo-api-key, version ffffffff: one read, on 22 Nov 2026, 14:05 UTC",
    ]


def test_reads_in_one_second_have_one_time() -> None:
    at_once = replace(TWICE, last=TWICE.first)

    assert said(seen(versions=(at_once,))) == [
        "demo-api-key, version 01234567: 2 reads, at 14:06:00 UTC"
    ]


def test_no_read_in_the_log_is_not_called_unused() -> None:
    assert said(seen()) == [NONE]


def test_a_log_that_lags_behind_says_from_when_on() -> None:
    assert said(seen(known_until=NOW + 5 * MINUTE)) == [
        NONE,
        "Reads after 14:10 UTC may not be in the log yet.",
    ]


def test_a_silent_vault_stands_in_place_of_no_read() -> None:
    [line] = said(seen(silent=("demo-vault", "other-vault")))

    assert line == SILENT.format(vaults="demo-vault and other-vault")


def test_what_is_special_about_the_reads_is_said_below_them() -> None:
    reads = seen(
        versions=(TWICE,),
        late=1,
        by_other_role=2,
        by_others=1,
        silent=("other-vault",),
        is_whole=False,
    )

    assert said(reads)[1:] == [
        (
            "1 of them was after this grant ended: Azure can take up to 10 minutes to apply that, "
            "or another grant still allowed it."
        ),
        "2 of them were allowed by another role assignment, not by this grant's.",
        "1 of them has another caller in the log, or none.",
        SILENT.format(vaults="other-vault"),
        "There are earlier ones that aren't counted here.",
    ]


def test_a_log_that_cannot_be_asked_says_what_azure_answered() -> None:
    assert said(ReadsUnknown(AzureAnswer(403, "InsufficientAccessError"))) == [
        "I couldn't ask the vault's log: Azure answered 403 InsufficientAccessError."
    ]
    assert said(ReadsUnknown(AzureAnswer())) == ["I couldn't ask the vault's log just now."]


def test_very_many_versions_are_counted() -> None:
    many = tuple(replace(TWICE, version=f"{number:032}") for number in range(20))

    assert said(seen(versions=many))[-1] == "… and 16 more versions"


def test_each_read_has_a_line_with_what_it_has_to_do_with_the_grant() -> None:
    other = replace(READ.read, at=NOW + DAY, version="", operation="SecretBackup", caller="id-2")
    reads = (
        ReadOfGrant(read=other, is_by_holder=False, is_by_grant=True, is_late=True),
        ReadOfGrant(read=replace(READ.read, caller=""), is_by_holder=False, is_by_grant=True),
        replace(READ, is_by_grant=False),
        READ,
    )

    assert said(seen(versions=(TWICE,), reads=reads))[1:] == [
        "The newest first:",
        (
            "22 Nov 2026, 14:05 UTC · SecretBackup · demo-api-key, version not known · "
            "caller: id-2 · allowed by this grant · after the end"
        ),
        (
            "14:06:00 UTC · SecretGet · demo-api-key, version 01234567 · caller: not known · "
            "allowed by this grant"
        ),
        "14:06:00 UTC · SecretGet · demo-api-key, version 01234567 · allowed by another role",
        "14:06:00 UTC · SecretGet · demo-api-key, version 01234567",
    ]


def test_of_many_reads_the_newest_are_listed_and_the_others_counted() -> None:
    many = seen(versions=(TWICE,), reads=(READ,) * 47)

    whole, cut = said(many), said(replace(many, is_whole=False))

    assert whole[-1] == "… and 37 more. An admin gets all of them with export reads req-one."
    assert cut[-2:] == [
        "… and at least 37 more. An admin gets all of them with export reads req-one.",
        "There are earlier ones that aren't counted here.",
    ]
    assert len([line for line in whole if "SecretGet" in line]) == 10


def test_an_incomplete_answer_is_said_to_be_one() -> None:
    partial = said(seen(is_partial=True, is_whole=False))

    assert partial == [NONE, "The log's answer was incomplete, so reads may be missing."]


def test_it_is_said_in_german() -> None:
    lagging = seen(versions=(TWICE,), reads=(READ,), known_until=NOW)
    with speaking(LANGUAGES["de"]):
        drawn = texts(card(reads_section(lagging, "req-one")))

    assert drawn == [
        "Lesezugriffe",
        "demo-api-key, Version 01234567: 2 Lesezugriffe, von 14:06:00 UTC bis 14:25:00 UTC",
        "Die neuesten zuerst:",
        "14:06:00 UTC · SecretGet · demo-api-key, Version 01234567",
        "Lesezugriffe nach 14:05 UTC stehen möglicherweise noch nicht im Protokoll.",
    ]
