"""Stored heads and events, which outlive the code that wrote them."""

import json
from pathlib import Path

import pytest

from domain.access.request import Approval, Denial, Extension, Request
from domain.workflow import Event, Fact
from services.workflow import codec
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
from tests.support.several import TARGETS

WRITTEN = Path(__file__).parent / "written"


@pytest.mark.parametrize(
    "head",
    [
        a_request(targets=(a_target(exposes=None),), asked_in="19:general@thread.tacv2"),
        a_request(justification='Grüße, <b>"tester"</b> \\ \u202e ☃ 🎉'),
        a_denied_request(denial=Denial(None, NINE, "not on the list")),
        a_granting_request(attempt=3, retry_at=NINE + MINUTE / 7),
        an_active_request(),
        an_active_request(extension=Extension(HOUR, NINE, "wish", (Approval(ADA, NINE),))),
        a_revoking_request(failure="It took too long."),
        a_granting_request(targets=TARGETS, grant=a_grant(made=(ASSIGNMENT.id,))),
    ],
)
def test_a_head_round_trips(head: Request) -> None:
    text = codec.write_head(head)

    assert head == codec.read_head("access", codec.SCHEMA, text)


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

    assert a_revoking_request() == codec.read_head("access", 1, head)
    assert Event("approved", NINE, ADA, {"approvals": 1, "needed": 1}) == codec.read_event(event)


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


def test_rows_of_a_newer_latchkey_are_left_to_it() -> None:
    text = codec.write_head(a_request())

    with pytest.raises(
        ValueError, match=f"schema {codec.SCHEMA + 1} was written by a newer Latchkey"
    ):
        codec.read_head("access", codec.SCHEMA + 1, text)


def test_a_head_is_read_by_its_kind() -> None:
    assert codec.kind_of(a_request()) == "access"
