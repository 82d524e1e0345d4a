"""The card about reads that no grant was there for."""

from dataclasses import replace
from datetime import timedelta

from cards.audit.outside_reads_card import outside_reads_card
from cards.languages.language import LANGUAGES, speaking
from domain.access.grant import AzureAnswer
from domain.access.reads import LogSpan, ReadsUnknown
from domain.audit.outside_reads import OutsideRead, OutsideReader, OutsideReads
from domain.people import Person
from tests.cards.reading_cards import texts
from tests.cards.scenarios import NOW

EVE = OutsideReader(
    secret="demo-api-key",
    vault="kv-demo",
    person=Person("id-2", "Eve Engineer"),
    count=1_200,
    first=NOW,
    last=NOW,
)
APP = replace(EVE, person=None, application="40000000-0000-4000-8000-000000000002", count=3)
READ = OutsideRead(
    at=NOW,
    secret="demo-api-key",
    vault="kv-demo",
    version="v1",
    operation="SecretGet",
    assignment="",
    person=EVE.person,
)
READS = OutsideReads(
    span=LogSpan(NOW - timedelta(days=30), NOW),
    people=(EVE,),
    reads=(replace(READ, person=None, application="app"), READ),
    applications=(replace(APP, is_latchkey=True), APP),
    known_until=NOW - timedelta(minutes=15),
)


def test_people_come_first_and_applications_are_apart() -> None:
    *shown, limit = texts(outside_reads_card(READS))

    assert limit == (
        "From the vaults' log, as far back as it goes. Reads after 21 Nov 2026, 13:50 UTC may not "
        "be in it yet."
    )
    assert shown == [
        "Report",
        "1 reader without a grant",
        "Since 22 Oct 2026, 14:05 UTC",
        *("Who", "Secret", "Reads", "Last read"),
        *("Eve Engineer", "demo-api-key", "1,200", "21 Nov 2026"),
        "The newest reads",
        "21 Nov 2026, 14:05 UTC · Eve Engineer · SecretGet · demo-api-key",
        "… and 1,199 more. export reads has each of them.",
        *("By applications", "Secret", "Reads", "Last read"),
        *("Latchkey itself", "demo-api-key", "3", "21 Nov 2026"),
        *("40000000-0000-4000-8000-000000000002", "demo-api-key", "3", "21 Nov 2026"),
    ]


def test_applications_alone_are_said_to_be_alone() -> None:
    alone = replace(READS, people=())

    assert texts(outside_reads_card(alone))[1] == "Only applications read without a grant"


def test_nothing_in_the_log_is_said_to_be_just_that() -> None:
    quiet = replace(
        READS, people=(), reads=(), applications=(), silent=("kv-demo",), is_whole=False
    )

    assert texts(outside_reads_card(quiet))[1:-1] == [
        "No read without a grant in the log so far",
        "Since 22 Oct 2026, 14:05 UTC",
        "The log has nothing at all of kv-demo.",
        "There is more in the log than I have looked at.",
    ]


def test_a_log_that_cannot_be_asked_is_said_to() -> None:
    assert texts(outside_reads_card(ReadsUnknown(AzureAnswer(403, "No")))) == [
        "Report",
        "Reads without a grant: not known",
        "I couldn't ask the vault's log: Azure answered 403 No.",
    ]


def test_many_are_counted() -> None:
    many = texts(outside_reads_card(replace(READS, people=(EVE,) * 20, applications=())))

    assert "20 readers without a grant" in many
    assert "… and 10 more." in many


def test_what_is_not_all_is_said_not_to_be() -> None:
    cut = texts(outside_reads_card(replace(READS, is_whole=False)))
    partial = texts(outside_reads_card(replace(READS, is_partial=True, is_whole=False)))

    assert "… and at least 1,199 more. export reads has each of them." in cut
    assert "The log's answer was incomplete, so reads may be missing." in partial


def test_it_is_said_in_german() -> None:
    with speaking(LANGUAGES["de"]):
        drawn = texts(outside_reads_card(READS))

    assert drawn[1:4] == [
        "1 Person hat ohne gewährten Zugriff gelesen",
        "Seit 22. Okt. 2026, 14:05 UTC",
        "Wer",
    ]
