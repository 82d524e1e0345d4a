"""Stored heads and events, which outlive the code that wrote them."""

import json
import re
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

import pytest

from domain.access.approval import Approval, Denial
from domain.access.extension import Extension
from domain.access.fresh_sign_in import FreshSignIn
from domain.access.request import AccessEvent, Request, RequestState
from domain.access.rules.step_up_rule import StepUpAct, StepUpRule
from domain.announcement import Audience
from domain.policy_file.file import PolicyFile, PolicyFileEvent, PolicyFileState
from domain.reasons import Reason, as_written
from domain.reconciliation.orphan import OrphanEvent, OrphanState
from domain.refusals.secrets import NotRequestable
from domain.rotation.owed import OwedState
from domain.rotation.rotation import (
    Captured,
    Cause,
    RotationEffect,
    RotationEvent,
    RotationState,
    Shape,
    Step,
    StepRecord,
    StepStatus,
    Trigger,
)
from domain.rotation.schedule import LookFault, ScheduleEvent, ScheduleState
from domain.rotation.secret_parts import PartKind
from domain.workflow import Event, Fact
from services.workflow import codec
from services.workflow.lanes import Lane
from tests.support.builders import (
    ADA,
    ASSIGNMENT,
    HOUR,
    MINUTE,
    a_denied_request,
    a_grant,
    a_granting_request,
    a_request,
    a_revoking_request,
    a_target,
    an_active_request,
)
from tests.support.clock import NINE
from tests.support.rotation.builders import a_rotation, a_schedule, an_overlapping_rotation
from tests.support.rotation.world import DEPENDENTS
from tests.support.several import TARGETS

STOPPED_AT = as_written("the app no longer exists")
WRITTEN = Path(__file__).parent / "written"


@pytest.mark.parametrize(
    "head",
    [
        a_request(targets=(a_target(exposes=None),), asked_in="19:general@thread.tacv2"),
        a_request(justification='Grüße, <b>"tester"</b> \\ \u202e ☃ 🎉'),
        a_denied_request(denial=Denial(None, NINE, refusal=NotRequestable("root-password").reason)),
        a_granting_request(attempt=3, retry_at=NINE + MINUTE / 7),
        an_active_request(),
        an_active_request(extension=Extension(HOUR, NINE, "wish", (Approval(ADA, NINE),))),
        a_revoking_request(
            failure=Reason(
                "nothing_granted", parts=(Reason("x", {"secrets": ("a", "b"), "within": 0.5}),)
            )
        ),
        a_granting_request(targets=TARGETS, grant=a_grant(made=(ASSIGNMENT.id,))),
    ],
)
def test_a_head_round_trips(head: Request) -> None:
    text = codec.write_head(head)

    assert codec.read_head("access", codec.SCHEMA, text) == head


@pytest.mark.parametrize("fact", ["text", "", 7, 0, 2.5, 3600.0, True, False, None])
def test_an_event_round_trips(fact: Fact) -> None:
    event = Event("granted", NINE, ADA, {"fact": fact})

    read = codec.read_event(codec.write_event(event))

    assert event == read
    assert type(fact) is type(read.facts["fact"])


def test_rows_of_an_older_latchkey_are_still_read() -> None:
    # Revocations in progress during an upgrade depend on this: never change these files.
    head = (WRITTEN / "access-of-schema-1.json").read_text()
    event = (WRITTEN / "event-of-schema-1.json").read_text()

    assert codec.read_head("access", 1, head) == a_revoking_request()
    assert codec.read_event(event) == Event("approved", NINE, ADA, {"approvals": 1, "needed": 1})


def test_a_narrowed_grant_of_the_first_schema_keeps_its_assignment() -> None:
    head = json.loads((WRITTEN / "access-of-schema-1.json").read_text())
    head["terms"] |= {"scope": "/narrow", "rotate_after": True, "secret_scope": "/narrow"}
    head["grant"]["assignment"]["scope"] = "/narrow"

    read = codec.read_head("access", 1, json.dumps(head))

    assert isinstance(read, Request)
    [target] = read.targets
    assert (target.scope, target.secret_scope, target.rotate_after) == ("/narrow", "/narrow", True)
    assert [one.scope for one in read.assignments] == ["/narrow"]


def test_an_undecided_request_of_the_first_schema_is_read_as_one_for_its_secret() -> None:
    head = json.loads((WRITTEN / "access-of-schema-1.json").read_text())
    head |= {"state": "pending", "approvals": [], "grant": None, "revoke_since": None}

    assert codec.read_head("access", 1, json.dumps(head)) == a_request()


def test_an_extension_request_stored_without_approvals_has_none() -> None:
    head = json.loads(codec.write_head(an_active_request(extension=Extension(HOUR, NINE, "wish"))))
    del head["extension"]["approvals"], head["terms"]["requests_per_hour"]

    read = codec.read_head("access", codec.SCHEMA, json.dumps(head))

    assert read == an_active_request(extension=Extension(HOUR, NINE, "wish"))


def test_sentences_that_an_older_version_stored_are_shown_as_they_are() -> None:
    blocked = json.loads(codec.write_head(a_denied_request(denial=Denial(None, NINE))))
    blocked["denial"] = {"approver": None, "at": NINE.isoformat(), "reason": "Not on the list."}
    failed = json.loads(codec.write_head(a_revoking_request())) | {"failure": "It took too long."}

    denial = a_denied_request(denial=Denial(None, NINE, refusal=as_written("Not on the list.")))
    assert codec.read_head("access", 3, json.dumps(blocked)) == denial
    assert codec.read_head("access", 3, json.dumps(failed)) == a_revoking_request(
        failure=as_written("It took too long.")
    )


def test_what_an_approver_wrote_stays_theirs() -> None:
    head = json.loads(codec.write_head(a_denied_request()))
    del head["denial"]["refusal"]

    assert codec.read_head("access", 3, json.dumps(head)) == a_denied_request()


def test_an_extension_request_of_an_older_version_keeps_its_source() -> None:
    asked = an_active_request(extension=Extension(HOUR, NINE, "wish"))
    head = json.loads(codec.write_head(asked))
    head["extension"]["said"] = head["extension"].pop("source_id")

    assert codec.read_head("access", 3, json.dumps(head)) == asked


def test_a_rotation_of_an_older_version_is_spelled_as_today() -> None:
    pinned = (Captured(DEPENDENTS[0], Shape.PINNED), Captured(DEPENDENTS[1], Shape.LITERAL))
    rotation = a_rotation(
        trigger=Trigger(Cause.GRANT_ENDED), captured=pinned, unknown_effect="look_again"
    )
    text = codec.write_head(rotation)
    for name in ("grant_ended", "pinned_reference", "look_again"):
        assert name in text
        text = text.replace(name, name.replace("_", " "))

    assert codec.read_head("rotation", 3, text) == rotation


@pytest.mark.parametrize("schema", [3, 4, 8])
@pytest.mark.parametrize("acts", [(act,) for act in StepUpAct])
@pytest.mark.parametrize("broke_glass", [True, False])
def test_what_an_older_version_took_was_confirmed_as_the_rule_of_the_request_asks(
    schema: int, acts: tuple[StepUpAct, ...], broke_glass: bool
) -> None:
    rule = StepUpRule(required=True, contexts=("c1",), acts=acts)
    request = a_request(
        approvals=(Approval(ADA, NINE),),
        extension=Extension(HOUR, NINE, approvals=(Approval(ADA, NINE),)),
    )
    request = replace(request, terms=replace(request.terms, step_up=rule), broke_glass=broke_glass)
    head = json.loads(codec.write_head(request))
    for confirmed in (head, *head["approvals"], *head["extension"]["approvals"]):
        del confirmed["sign_in"]

    read = codec.read_head("access", schema, json.dumps(head))

    assert isinstance(read, Request)
    sign_in = FreshSignIn(ADA.object_id, NINE, ("c1",)) if rule.covers(StepUpAct.APPROVE) else None
    approvals = (Approval(ADA, NINE, sign_in=sign_in),)
    made = StepUpAct.BREAK_GLASS if broke_glass else StepUpAct.REQUEST
    own = (
        FreshSignIn(request.requester.object_id, request.requested_at, ("c1",))
        if rule.covers(made)
        else None
    )
    assert read == replace(
        request,
        approvals=approvals,
        extension=Extension(HOUR, NINE, approvals=approvals),
        sign_in=own,
    )


@pytest.mark.parametrize("schema", [3, 4, 8])
@pytest.mark.parametrize(("retried", "insisted_on"), [(True, (STOPPED_AT,)), (False, ())])
def test_a_retry_of_an_older_version_insists_on_what_had_stopped_the_rotation(
    schema: int, retried: bool, insisted_on: tuple[Reason, ...]
) -> None:
    earlier = StepRecord(Step.WRITE, StepStatus.FAILED, NINE, as_written("503"))
    record = StepRecord(Step.RETIRE, StepStatus.FAILED, NINE, STOPPED_AT)
    rotation = an_overlapping_rotation(records=(earlier, record))
    head = json.loads(codec.write_head(rotation)) | {"is_insisted_on": retried}
    del head["insisted_on"]
    if schema == 3:
        head["records"] = [one | {"note": one["note"]["params"]["text"]} for one in head["records"]]

    read = codec.read_head("rotation", schema, json.dumps(head))

    assert read == replace(rotation, insisted_on=insisted_on)


def test_a_rotation_from_before_retries_were_kept_insists_on_nothing() -> None:
    head = json.loads(codec.write_head(a_rotation()))
    del head["insisted_on"]

    assert codec.read_head("rotation", 8, json.dumps(head)) == a_rotation()


def test_a_schedule_of_an_older_version_is_spelled_as_today() -> None:
    schedule = a_schedule(look_fault=LookFault.NOT_PERMITTED)
    text = codec.write_head(schedule).replace("not_permitted", "not permitted")

    assert codec.read_head("schedule", 3, text) == schedule


def test_a_kind_of_workflow_of_an_older_version_is_spelled_as_today() -> None:
    head = PolicyFile(id="policy", state=PolicyFileState.ADOPTED, digest="3fa9")

    assert codec.read_head("policy file", 3, codec.write_head(head)) == head
    assert " " not in codec.kind_of(head)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (Event("expires soon", NINE), Event("expires_soon", NINE)),
        (
            Event("extension asked", NINE, ADA, {"by": 60.0, "said": "wish"}),
            Event("extension_asked", NINE, ADA, {"by": 60.0, "source_id": "wish"}),
        ),
        (
            Event("rotation started", NINE, None, {"cause": "grant ended", "detail": "of Dana D"}),
            Event("rotation_started", NINE, None, {"cause": "grant_ended", "detail": "of Dana D"}),
        ),
        (
            Event("expiry not watched", NINE, None, {"fault": "not permitted", "cause": "a b"}),
            Event("expiry_not_watched", NINE, None, {"fault": "not_permitted", "cause": "a b"}),
        ),
    ],
)
def test_an_event_of_an_older_version_is_read_in_todays_spelling(
    written: Event, read: Event
) -> None:
    assert codec.read_event(codec.write_event(written)) == read


@pytest.mark.parametrize(
    "names",
    [
        *(AccessEvent, RotationEvent, OrphanEvent, ScheduleEvent, PolicyFileEvent),
        *(RequestState, RotationState, OrphanState, ScheduleState, OwedState),
        *(Step, StepStatus, Cause, Shape, LookFault, RotationEffect, PartKind, Lane, Audience),
    ],
)
def test_what_is_stored_is_in_snake_case(names: type[StrEnum]) -> None:
    assert [name for name in names if not re.fullmatch("[a-z]+(_[a-z]+)*", name)] == []


def test_rows_of_a_newer_latchkey_are_left_to_it() -> None:
    text = codec.write_head(a_request())

    with pytest.raises(
        ValueError, match=f"schema {codec.SCHEMA + 1} was written by a newer Latchkey"
    ):
        codec.read_head("access", codec.SCHEMA + 1, text)


def test_a_head_is_read_by_its_kind() -> None:
    assert codec.kind_of(a_request()) == "access"
