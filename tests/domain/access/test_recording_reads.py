"""What is put on record about a grant's reads, and when."""

from dataclasses import replace

from domain.access.grant import AzureAnswer
from domain.access.proof import ProofOfUse, ProvenReads
from domain.access.reads import LOG_DELAY, OUTLIVES, ReadsUnknown, SecretOfVault
from domain.access.recording_reads import expect_reads, record_reads
from domain.access.request import AccessEffect, next_move
from domain.workflow import Done, Event, Fact, Move, Wait
from tests.domain.access.test_reads import (
    NOON,
    TEN,
    a_read,
    an_ended_request,
    seen,
)
from tests.support.builders import (
    HOUR,
    MINUTE,
    OTHER_SECRET,
    SECRET,
    VAULT,
    a_grant,
    a_target,
    an_active_request,
)
from tests.support.clock import NINE


def test_the_log_is_asked_once_it_should_have_all_reads() -> None:
    waiting = expect_reads(an_ended_request())

    due = TEN + OUTLIVES + LOG_DELAY
    assert next_move(waiting, due - MINUTE) == Wait(due)
    assert next_move(waiting, due) == Move(AccessEffect.SEE_READS)


def test_nothing_is_waited_for_without_a_log_or_if_nothing_was_granted() -> None:
    never = an_ended_request()
    ungranted = replace(never, grant=a_grant())

    assert next_move(never, NOON) == Done()
    assert next_move(expect_reads(ungranted), NOON) == Done()
    assert expect_reads(an_active_request()) == an_active_request()


def test_what_the_log_shows_is_recorded_and_the_request_is_over() -> None:
    request = expect_reads(an_ended_request())

    change = record_reads(request, seen(request, a_read(), a_read(NINE + 9 * MINUTE)), NOON)

    first, last = NINE + MINUTE, NINE + 9 * MINUTE
    facts: dict[str, Fact] = {
        "known": True,
        "reads": 2,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "operations": "SecretGet",
    }
    read = ProvenReads(secret=SECRET, count=2, first=first, last=last, operations=("SecretGet",))
    assert change.head.proof == ProofOfUse(
        is_known=True, count=2, first=first, last=last, secrets=(read,), asked_at=NOON
    )
    assert change.events == (Event("reads_seen", NOON, None, facts),)
    assert next_move(change.head, NOON) == Done()


def test_that_the_log_shows_no_reads_and_of_which_vaults_nothing_is_recorded_too() -> None:
    elsewhere = a_target(OTHER_SECRET, vault="kv-two", scope="/subscriptions/s/vaults/kv-two")
    request = replace(an_ended_request(), targets=(a_target(), elsewhere))

    change = record_reads(request, seen(request, heard={}), NOON)

    facts: dict[str, Fact] = {"known": True, "reads": 0, "silent": "kv-demo, kv-two"}
    assert change.head.proof == ProofOfUse(
        is_known=True, silent=("kv-demo", "kv-two"), asked_at=NOON
    )
    assert change.events == (Event("reads_seen", NOON, None, facts),)


def test_of_reads_that_are_not_all_the_first_is_not_known() -> None:
    request = expect_reads(an_ended_request())

    change = record_reads(request, seen(request, a_read(), is_whole=False), NOON)

    last = NINE + MINUTE
    facts: dict[str, Fact] = {
        "known": True,
        "reads": 1,
        "last": last.isoformat(),
        "operations": "SecretGet",
    }
    read = ProvenReads(secret=SECRET, count=1, first=None, last=last, operations=("SecretGet",))
    assert change.head.proof == ProofOfUse(
        is_known=True, count=1, last=last, secrets=(read,), asked_at=NOON
    )
    assert change.events == (Event("reads_seen", NOON, None, facts),)


def test_a_log_that_cannot_be_asked_is_asked_again_for_a_day() -> None:
    request = expect_reads(an_ended_request())
    unknown = ReadsUnknown(AzureAnswer(403, "No"))

    later = record_reads(request, unknown, NOON)
    at_last = record_reads(request, unknown, TEN + 24 * HOUR)

    assert (later.events, later.head.see_reads_at) == ((), NOON + 15 * MINUTE)
    assert at_last.head.proof == ProofOfUse(is_known=False)
    assert next_move(at_last.head, NOON) == Done()


def test_without_a_log_any_more_it_ends_without_a_word() -> None:
    change = record_reads(expect_reads(an_ended_request()), None, NOON)

    assert (change.events, next_move(change.head, NOON)) == ((), Done())


def test_several_secrets_are_recorded_apart_with_how_they_were_read() -> None:
    request = replace(an_ended_request(), targets=(a_target(), a_target(OTHER_SECRET)))
    [own, *_] = request.assignments
    there = SecretOfVault(VAULT.resource_id, OTHER_SECRET)
    other = a_read(NINE + 4 * MINUTE, place=there, operation="SecretBackup", assignment="other")
    unknown = a_read(NINE + 5 * MINUTE, caller="", assignment=own.id)

    change = record_reads(request, seen(request, a_read(), other, unknown), NOON)

    proof, [event] = change.head.proof, change.events
    assert proof
    assert [(one.secret, one.count, one.operations) for one in proof.secrets] == [
        (SECRET, 2, ("SecretGet",)),
        (OTHER_SECRET, 1, ("SecretBackup",)),
    ]
    assert (proof.by_other_role, proof.by_others) == (1, 1)
    assert event.facts["by_secret"] == f"{SECRET} 2, {OTHER_SECRET} 1"
    assert event.facts["operations"] == "SecretBackup, SecretGet"
    assert (event.facts["by_other_role"], event.facts["by_others"]) == (1, 1)
    assert "of_other_secrets" not in event.facts


def test_reads_of_secrets_that_were_not_requested_are_counted_apart() -> None:
    request = an_ended_request()

    change = record_reads(request, replace(seen(request), of_other_secrets=2), NOON)

    assert change.head.proof
    assert change.head.proof.of_other_secrets == 2
    assert change.events[0].facts["of_other_secrets"] == 2


def test_an_incomplete_answer_is_asked_for_again_and_then_recorded_as_one() -> None:
    request = expect_reads(an_ended_request())

    later = record_reads(request, seen(request, a_read(), is_partial=True), NOON)
    at_last = record_reads(request, seen(request, a_read(), is_partial=True), TEN + 24 * HOUR)

    assert (later.events, later.head.see_reads_at) == ((), NOON + 15 * MINUTE)
    assert at_last.head.proof
    assert (at_last.head.proof.is_partial, at_last.head.proof.is_whole) == (True, False)
    assert at_last.events[0].facts["partial"] is True
