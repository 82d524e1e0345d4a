"""Names are hidden in events, and shown again."""

import json
from dataclasses import replace
from typing import Any

import pytest

from domain.audit.kept_names import KeptName, is_commitment
from domain.audit.names_in_events import NAME_FACTS, NAME_PARAMS, hidden, names_in, shown
from domain.people import Actor
from domain.reasons import Reason, facts_of_reason
from domain.refusals.decisions import NoLongerAllowed
from domain.workflow import Event, Fact
from tests.support.builders import ADA, BO, CY
from tests.support.clock import NINE
from tests.support.salts import a_salt

PLACES = [(kind, place) for kind, places in NAME_FACTS.items() for place in places]


def nobody(_: str) -> tuple[str, ...]:
    return ()


def facts_in(event: Event) -> dict[str, Any]:
    return dict(event.facts)


def test_the_name_of_the_actor_is_hidden_and_the_object_id_is_not() -> None:
    event = Event("approved", NINE, ADA, {"needed": 2, "note": "Ada Approver"})

    after, names = hidden(event, a_salt, nobody)

    assert after.actor is not None
    assert is_commitment(after.actor.name)
    assert after.actor.object_id == ADA.object_id
    assert after.facts == event.facts
    assert [kept.ids for kept in names.values()] == [(ADA.object_id,)]
    assert shown(after, names) == event


@pytest.mark.parametrize(("kind", "place"), PLACES)
def test_each_fact_that_is_a_name_is_hidden(kind: str, place: Any) -> None:
    event = Event(kind, NINE, None, {place.fact: ADA.name, place.ids: ADA.object_id, "x": "y"})

    after, names = hidden(event, a_salt, nobody)

    assert is_commitment(facts_in(after)[place.fact])
    assert {**after.facts, place.fact: ""} == {**event.facts, place.fact: ""}
    assert [kept.ids for kept in names.values()] == [(ADA.object_id,)]
    assert shown(after, names) == event
    assert facts_in(shown(after, {}))[place.fact] == ADA.object_id


def test_a_fact_of_the_same_name_in_another_event_is_not_a_name() -> None:
    event = Event("archived", NINE, None, {"name": "2026-03-02/0000.jsonl"})

    assert hidden(event, a_salt, nobody) == (event, {})


def joined(names: str, ids: str) -> Event:
    facts: dict[str, Fact] = {"added": names, "added_ids": ids}
    return Event("approvers_changed", NINE, None, facts)


def test_joined_names_are_hidden_one_by_one() -> None:
    after, names = hidden(joined("Ada, Bo", "a b"), a_salt, nobody)

    one, two = names
    assert [kept.ids for kept in names.values()] == [("a",), ("b",)]
    assert shown(after, {one: names[one]}).facts["added"] == "Ada, b"
    assert shown(after, {two: names[two]}).facts["added"] == "a, Bo"


@pytest.mark.parametrize(("names", "ids"), [("Lovelace, Ada, Bo", "a b"), ("Ada, Bo", "")])
def test_joined_names_that_cannot_be_told_apart_are_hidden_together(names: str, ids: str) -> None:
    event = joined(names, ids)
    after, kept = hidden(event, a_salt, nobody)

    assert len(kept) == 1
    assert shown(after, kept) == event
    assert shown(after, {}).facts["added"] == (", ".join(ids.split()) or "erased")


def test_an_empty_fact_stays_empty() -> None:
    event = joined("", "")

    assert hidden(event, a_salt, nobody) == (event, {})


def with_reason(reason: Reason, name: str = "reason") -> Event:
    facts: dict[str, Fact] = {**facts_of_reason(reason, name)}
    return Event("failed", NINE, None, facts)


@pytest.mark.parametrize(
    ("code", "param"), [(code, param) for code, params in NAME_PARAMS.items() for param in params]
)
@pytest.mark.parametrize("value", ["Ada", ("Ada", "Bo")])
def test_names_in_a_reason_and_in_its_parts_are_hidden(code: str, param: str, value: Any) -> None:
    reason = Reason(code, {"secret": "Ada", param: value})
    event = with_reason(
        Reason("whole", {"secret": "Ada"}, (reason, replace(reason, parts=(reason,))))
    )

    for each, count in ((with_reason(reason, "cause"), 1), (event, 3)):
        after, names = hidden(each, a_salt, lambda name: (f"id of {name}",))

        assert len(names) == count * (1 if isinstance(value, str) else 2)
        assert {kept.ids for kept in names.values()} <= {("id of Ada",), ("id of Bo",)}
        assert "Bo" not in str(after)
        assert shown(after, names) == each
        assert "id of Ada" in str(shown(after, {one: kept.erased for one, kept in names.items()}))


def test_each_name_in_a_reason_with_two_is_hidden() -> None:
    refusal = NoLongerAllowed("demo-api-key", "Ada", "Bo")
    event = with_reason(refusal.reason)

    after, names = hidden(event, a_salt, nobody)

    assert sorted(kept.name for kept in names.values()) == ["Ada", "Bo"]
    assert shown(after, names) == event


@pytest.mark.parametrize(
    "facts",
    [
        {"reason": "unknown_secret", "reason_params": '{"name":  "Ada"}'},
        {"reason": "requester_gone", "reason_params": "{broken"},
        {"reason": "requester_gone", "reason_params": "[7]"},
        {"reason": "requester_gone", "reason_params": '{"name": 7}'},
        {"reason": "requester_gone", "reason_params": 7},
        {"reason": "x", "reason_parts": '{"a": 1}'},
        {"reason": "x", "reason_parts": "[7]"},
        {"reason": "x", "reason_parts": "[" * 100_000},
        {"reason_params": '{"name": "Ada"}'},
    ],
)
def test_what_is_no_name_stays_as_it_is(facts: dict[str, Fact]) -> None:
    event = Event("failed", NINE, None, facts)

    assert hidden(event, a_salt, nobody) == (event, {})


def test_an_object_id_in_place_of_a_name_is_not_hidden() -> None:
    actor = replace(ADA, name=ADA.object_id)
    event = Event("requested", NINE, actor, {"for_name": "a", "for": "a"})

    assert hidden(event, a_salt, nobody) == (event, {})


def test_an_event_of_an_older_version_is_shown_as_it_is() -> None:
    event = Event("approved", NINE, Actor("tenant", "id", "name:0123"), {"for_name": "Ada"})

    assert shown(event, {"name:0123": KeptName("Bo", "00")}) == event


def test_an_event_without_an_actor_has_no_names() -> None:
    assert list(names_in(Event("lapsed", NINE))) == []


def test_every_name_is_found_with_its_ids() -> None:
    facts: dict[str, Fact] = {"added": "Ada, Bo", "added_ids": "a b", "removed": "C, D"}
    event = Event("approvers_changed", NINE, CY, facts)

    found = list(names_in(event))

    expected = [("Ada", ("a",)), ("Bo", ("b",)), ("C, D", ()), (CY.name, (CY.object_id,))]
    assert found == expected


def test_parts_are_written_as_reasons_are() -> None:
    part = Reason("requester_gone", {"name": BO.name})
    after, _ = hidden(with_reason(Reason("nothing_granted", parts=(part,))), a_salt, nobody)

    [written] = json.loads(facts_in(after)["reason_parts"])
    assert written.keys() == {"code", "params", "parts"}
    assert is_commitment(written["params"]["name"])
