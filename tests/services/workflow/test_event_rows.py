"""Events are stored with commitments in place of names, which stand beside them."""

import json
from dataclasses import replace

import pytest

from domain.access.approval import Approval
from domain.access.request import Request
from domain.access.transitions import changes, failures, starts, waiting
from domain.access.transitions.approvers import Today, follow_rules
from domain.audit import evidence, kept_names
from domain.audit.evidence import ChainFlaw, StoredEvent
from domain.people import Actor, Principals
from domain.reasons import reason_in
from domain.refusals.decisions import NotAnApprover, RequesterGone
from domain.refusals.requests import MayNotBeAskedFor, OfSeveral
from domain.workflow import Change, Event
from services.workflow import codec
from services.workflow.event_rows import chained
from tests.cards.rotation_scenarios import ROTATION_EVENTS
from tests.cards.scenarios import EVENTS
from tests.support.builders import (
    ADA,
    BO,
    CY,
    DANA,
    EVE,
    MINUTE,
    TENANT,
    a_request,
    in_directory,
    some_terms,
)
from tests.support.clock import NINE
from tests.support.salts import a_salt

COMMA = Actor(TENANT, "33333333-0000-4000-8000-000000000001", "Lovelace, Augusta")
FOR_EVE = a_request(beneficiary=in_directory(EVE))

CHANGES: dict[str, Change[Request]] = {
    "for someone else": changes.submit(FOR_EVE),
    "blocked, for someone else": changes.block(
        FOR_EVE,
        OfSeveral(
            {
                "a": MayNotBeAskedFor("a", EVE.name),
                "b": NotAnApprover(Principals((in_directory(BO),))),
            }
        ),
    ),
    "unreachable": changes.report_unreachable(a_request(), in_directory(BO), NINE),
    "escalated": waiting.escalate(
        a_request(terms=some_terms(escalation=(in_directory(CY), in_directory(COMMA)))), NINE
    ),
    "approvers changed": follow_rules(
        a_request(approvals=(Approval(ADA, NINE),)),
        Today(
            approvers=(in_directory(BO), in_directory(CY)),
            deciders=(),
            in_channel=False,
            escalation=(),
            later_deciders=(),
            later_in_channel=False,
            are_enough=True,
        ),
        NINE,
    )
    or Change(a_request()),
    "approvals lost": changes.refuse_grant(
        a_request(approvals=(Approval(ADA, NINE),)), failures.of_lost_approvals([ADA.name]), NINE
    ),
    "not started": starts.refuse_start(a_request(), RequesterGone(DANA.name).reason, NINE),
}
PEOPLE = (ADA, BO, CY, DANA, EVE, COMMA)


def stored(change: Change[Request]) -> list[StoredEvent]:
    return chained(change, a_request(approvals=(Approval(ADA, NINE),)), 0, "", a_salt)


def erased(event: StoredEvent) -> StoredEvent:
    names = kept_names.read(event.names)
    return replace(
        event, names=kept_names.written({token: kept.erased for token, kept in names.items()})
    )


@pytest.mark.parametrize("what", CHANGES)
def test_no_name_is_in_the_hashed_text_and_all_are_read_back(what: str) -> None:
    change = CHANGES[what]

    events = stored(change)

    assert [one.name for one in PEOPLE for event in events if one.name in event.text] == []
    assert [codec.read_event(one.text, one.names) for one in events] == list(change.events)


@pytest.mark.parametrize("what", [*EVENTS, *ROTATION_EVENTS])
def test_no_event_of_any_kind_has_a_name_in_its_hashed_text(what: str) -> None:
    head, event = (EVENTS | ROTATION_EVENTS)[what]
    facts = {name: fact for name, fact in event.facts.items() if name != "detail"}
    event = replace(event, facts=facts)

    [row] = chained(Change(head, (event,)), head, 0, "", a_salt)

    people = ("Dana Developer", "Ada Approver", "Bo Backup", "Cy Chief")
    assert [name for name in people if name in row.text] == []
    assert codec.read_event(row.text, row.names) == event


@pytest.mark.parametrize("what", CHANGES)
def test_an_erased_name_leaves_an_object_id_and_an_unbroken_chain(what: str) -> None:
    events = stored(CHANGES[what])
    after = [erased(event) for event in events]

    verdict = evidence.verify("req-one", after, len(after), after[-1].hash)
    read = [codec.read_event(one.text, one.names) for one in after]

    assert verdict.flaw is None
    assert verdict.erased == sum(len(kept_names.read(one.names)) for one in events)
    said = " ".join(str(one) for one in read)
    assert [one.name for one in PEOPLE if one.name in said] == []
    assert "name:" not in said
    assert "erased" not in said


def test_of_several_names_one_is_erased_alone() -> None:
    [event] = stored(CHANGES["approvers changed"])
    names = kept_names.read(event.names)
    after = {
        token: kept.erased if kept.ids == (CY.object_id,) else kept for token, kept in names.items()
    }

    read = codec.read_event(event.text, kept_names.written(after))

    assert read.facts["added"] == CY.object_id
    assert (read.facts["removed"], read.facts["no_longer_counts"]) == (ADA.name, ADA.name)


def test_names_that_cannot_be_told_apart_are_one() -> None:
    [event] = stored(CHANGES["escalated"])
    [kept] = kept_names.read(event.names).values()

    assert kept.name == f"{CY.name}, {COMMA.name}"
    assert kept.ids == (CY.object_id, COMMA.object_id)


def test_a_name_in_a_reason_is_that_of_the_person_in_the_head() -> None:
    [event] = stored(CHANGES["blocked, for someone else"])
    after = erased(event)

    reason = reason_in(codec.read_event(after.text, after.names).facts)

    assert reason is not None
    assert [part.params for part in reason.parts] == [
        {"secret": "a", "name": EVE.object_id},
        {"approvers": (BO.object_id,), "groups": ()},
    ]


def test_the_same_name_twice_has_two_commitments() -> None:
    approved = Event("approved", NINE, ADA)
    one, two = stored(Change(a_request(), (approved, replace(approved, at=NINE + MINUTE))))

    assert kept_names.read(one.names).keys() != kept_names.read(two.names).keys()


def test_an_event_without_names_says_so() -> None:
    [event] = stored(Change(a_request(), (Event("lapsed", NINE),)))

    assert event.names == "{}"


def test_an_erased_persons_next_events_carry_no_name() -> None:
    actor = replace(ADA, name=ADA.object_id)
    [event] = stored(Change(a_request(), (Event("approved", NINE, actor),)))

    assert event.names == "{}"
    assert codec.read_event(event.text, event.names).actor == actor


def test_names_that_cannot_be_read_hide_nothing_else() -> None:
    [event] = stored(Change(a_request(), (Event("approved", NINE, ADA, {"needed": 1}),)))

    read = codec.read_event(event.text, "[broken")

    assert read == Event("approved", NINE, replace(ADA, name=ADA.object_id), {"needed": 1})


@pytest.mark.parametrize(
    "names",
    [
        "[broken",
        "[]",
        '{"name:00": {"name": "Mallory", "salt": "00", "ids": []}}',
        '{"x": {"name": "Mallory", "salt": "zz", "ids": []}}',
        '{"x": {"name": "Mallory", "salt": "00"}}',
        '{"x": {"ids": "x"}}',
    ],
)
def test_changed_names_are_a_flaw_that_names_the_event(names: str) -> None:
    one, two = stored(
        Change(a_request(), (Event("requested", NINE, DANA), Event("approved", NINE, ADA)))
    )

    verdict = evidence.verify("req-one", [one, replace(two, names=names)], 2, two.hash)

    assert (verdict.flaw, verdict.number, verdict.is_unbroken) == (ChainFlaw.NAME, 2, False)
    assert str(verdict.sentence) == "broken: a name in event 2 was changed"


def test_another_name_beside_an_event_is_a_flaw() -> None:
    [event] = stored(Change(a_request(), (Event("approved", NINE, ADA),)))
    names = event.names.replace(ADA.name, BO.name)

    verdict = evidence.verify("req-one", [replace(event, names=names)], 1, event.hash)

    assert (verdict.flaw, verdict.number) == (ChainFlaw.NAME, 1)


def test_how_many_names_were_erased_is_said() -> None:
    events = stored(
        Change(a_request(), (Event("requested", NINE, DANA), Event("approved", NINE, ADA)))
    )
    one = evidence.verify("req-one", [erased(events[0]), events[1]], 2, events[1].hash)
    both = evidence.verify("req-one", list(map(erased, events)), 2, events[1].hash)

    assert str(one.sentence) == "unbroken: 2 events; 1 name was erased"
    assert str(both.sentence) == "unbroken: 2 events; 2 names were erased"
    assert one.is_unbroken


def test_an_event_of_an_older_version_is_read_as_it_is() -> None:
    text = codec.write_event(Event("approved", NINE, ADA))
    link = evidence.link(evidence.root("req-one"), "req-one", 1, text)

    verdict = evidence.verify("req-one", [StoredEvent(1, text, link)], 1, link)

    assert verdict.is_unbroken
    assert codec.read_event(text).actor == ADA


def test_what_an_older_version_reads_of_an_event_is_valid() -> None:
    [event] = stored(CHANGES["for someone else"])

    read = codec._EVENT.validate_json(event.text)

    assert read.actor is not None
    assert (read.actor.object_id, read.facts["for"]) == (DANA.object_id, EVE.object_id)
    assert kept_names.is_commitment(read.actor.name)
    assert json.loads(event.text)["facts"]["for_name"] == read.facts["for_name"]
