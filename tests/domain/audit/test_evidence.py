"""What verifying a workflow's event chain finds."""

from dataclasses import replace

import pytest

from domain.audit.evidence import ChainFlaw, StoredEvent, Verdict, fingerprint, link, root, verify
from domain.audit.kept_names import KeptName, commitment, written

WORKFLOW = "req-one"


def a_chain(*texts: str) -> list[StoredEvent]:
    """Chain these texts as the events of one workflow."""
    chained: list[StoredEvent] = []
    previous = root(WORKFLOW)
    for number, text in enumerate(texts, start=1):
        previous = link(previous, WORKFLOW, number, text)
        chained.append(StoredEvent(number, text, previous))
    return chained


EVENTS = a_chain("asked", "approved", "granted", "revoked")
LAST = EVENTS[-1].hash


def test_an_untouched_chain_is_unbroken() -> None:
    verdict = verify(WORKFLOW, EVENTS, 4, LAST)

    assert verdict == Verdict(4, LAST)
    assert str(verdict.sentence) == "unbroken: 4 events"


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_changed_event_is_named(number: int) -> None:
    events = [
        replace(event, text="forged") if event.number == number else event for event in EVENTS
    ]

    verdict = verify(WORKFLOW, events, 4, LAST)

    assert (ChainFlaw.CHANGED, number) == (verdict.flaw, verdict.number)
    assert str(verdict.sentence) == f"broken: event {number} or an earlier one was changed"


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_removed_event_is_named(number: int) -> None:
    events = [event for event in EVENTS if event.number != number]

    verdict = verify(WORKFLOW, events, 4, LAST)

    assert (ChainFlaw.REMOVED, number) == (verdict.flaw, verdict.number)
    assert str(verdict.sentence) == f"broken: event {number} was removed"


def test_an_event_added_at_the_end_is_named() -> None:
    verdict = verify(WORKFLOW, a_chain("asked", "approved", "granted", "revoked", "more"), 4, LAST)

    assert (verdict.flaw, verdict.number) == (ChainFlaw.ADDED, 5)
    assert str(verdict.sentence) == "broken: event 5 was added"


def test_an_event_with_an_invalid_number_counts_as_added() -> None:
    verdict = verify(WORKFLOW, [*EVENTS, StoredEvent(0, "more", "")], 5, LAST)

    assert (verdict.flaw, verdict.number) == (ChainFlaw.ADDED, 5)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_swapped_events_are_found(number: int) -> None:
    events = list(EVENTS)
    one, other = events[number - 1], events[number]
    events[number - 1] = replace(other, number=one.number)
    events[number] = replace(one, number=other.number)

    verdict = verify(WORKFLOW, events, 4, LAST)

    assert (ChainFlaw.CHANGED, number) == (verdict.flaw, verdict.number)


def test_a_removal_with_matching_numbers_and_count_is_found() -> None:
    events = [EVENTS[0], replace(EVENTS[2], number=2), replace(EVENTS[3], number=3)]

    verdict = verify(WORKFLOW, events, 3, LAST)

    assert (verdict.flaw, verdict.number) == (ChainFlaw.CHANGED, 2)


def test_a_changed_event_with_a_matching_hash_is_found_at_the_next_event() -> None:
    forged = replace(EVENTS[1], text="forged")
    forged = replace(forged, hash=link(EVENTS[0].hash, WORKFLOW, 2, "forged"))

    verdict = verify(WORKFLOW, [EVENTS[0], forged, *EVENTS[2:]], 4, LAST)

    assert (verdict.flaw, verdict.number) == (ChainFlaw.CHANGED, 3)


def test_a_last_event_changed_along_with_its_hash_does_not_match_the_head() -> None:
    forged = a_chain("asked", "approved", "granted", "forged")

    verdict = verify(WORKFLOW, forged, 4, LAST)

    assert verdict == Verdict(4, LAST, ChainFlaw.HEAD, 4)
    assert str(verdict.sentence) == "broken: the head doesn't match the last event's hash"


def test_a_truncated_chain_with_a_matching_count_does_not_match_the_head() -> None:
    verdict = verify(WORKFLOW, EVENTS[:3], 3, LAST)

    assert verdict.flaw is ChainFlaw.HEAD


def test_a_head_without_its_hash_is_found() -> None:
    assert verify(WORKFLOW, EVENTS, 4, "").flaw is ChainFlaw.HEAD


def test_events_of_another_workflow_do_not_match() -> None:
    assert verify("req-two", EVENTS, 4, LAST).flaw is ChainFlaw.CHANGED


def test_events_older_than_the_chain_are_reported() -> None:
    old = [StoredEvent(1, "asked", ""), StoredEvent(2, "approved", "")]
    chained = StoredEvent(3, "granted", link(root(WORKFLOW), WORKFLOW, 3, "granted"))

    verdict = verify(WORKFLOW, [*old, chained], 3, chained.hash)

    assert str(verdict.sentence) == "unbroken: 3 events, the first 2 older than the chain"


def test_a_flaw_after_events_older_than_the_chain_counts_those_too() -> None:
    forged = StoredEvent(2, "forged", LAST)

    verdict = verify(WORKFLOW, [StoredEvent(1, "asked", ""), forged], 2, LAST)

    assert verdict == Verdict(2, LAST, ChainFlaw.CHANGED, 2, unchained=1)


def test_a_workflow_older_than_the_chain_is_not_called_unbroken() -> None:
    verdict = verify(WORKFLOW, [StoredEvent(1, "asked", "")], 1, "")

    assert str(verdict.sentence) == "not chained: 1 event, older than the chain"


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_removed_hash_is_found(number: int) -> None:
    events = [replace(event, hash="") if event.number == number else event for event in EVENTS]

    assert verify(WORKFLOW, events, 4, LAST).flaw is ChainFlaw.CHANGED


def test_a_fingerprint_is_short_enough_to_compare() -> None:
    assert fingerprint("0123456789abcdef" * 4) == "0123-4567-89ab-cdef-0123"
    assert fingerprint("") == ""


ADA = KeptName("Ada", "0f")
TOKEN = commitment("Ada", bytes([15]))
NAMED = a_chain("asked", f"approved by {TOKEN}", "granted")


def with_names(names: str) -> list[StoredEvent]:
    """Return three events, of which the second has these names beside it."""
    return [replace(one, names=names if one.number == 2 else "{}") for one in NAMED]


def test_a_name_that_the_text_commits_to_is_no_flaw() -> None:
    verdict = verify(WORKFLOW, with_names(written({TOKEN: ADA})), 3, NAMED[-1].hash)

    assert verdict == Verdict(3, NAMED[-1].hash)


@pytest.mark.parametrize(
    "names", ["[", written({TOKEN: KeptName("Bo", "0f")}), written({"x": ADA})]
)
def test_a_changed_name_is_a_flaw_of_its_event(names: str) -> None:
    verdict = verify(WORKFLOW, with_names(names), 3, NAMED[-1].hash)

    assert (verdict.flaw, verdict.number, verdict.events) == (ChainFlaw.NAME, 2, 3)
    assert not verdict.is_unbroken
    assert str(verdict.sentence) == "broken: a name in event 2 was changed"


def test_a_changed_event_is_named_before_a_changed_name() -> None:
    events = [replace(one, text="forged") if one.number == 3 else one for one in with_names("[")]

    verdict = verify(WORKFLOW, events, 3, NAMED[-1].hash)

    assert (verdict.flaw, verdict.number) == (ChainFlaw.CHANGED, 3)


@pytest.mark.parametrize(("erased", "said"), [(1, "1 name was erased"), (2, "2 names were erased")])
def test_erased_names_are_counted_and_no_flaw(erased: int, said: str) -> None:
    names = dict.fromkeys((TOKEN, "approved")[:erased], ADA.erased)
    verdict = verify(WORKFLOW, with_names(written(names)), 3, NAMED[-1].hash)

    assert verdict == Verdict(3, NAMED[-1].hash, erased=erased)
    assert verdict.is_unbroken
    assert str(verdict.sentence) == f"unbroken: 3 events; {said}"
