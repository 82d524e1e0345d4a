"""Reasons: a code with parameters, as heads, events and logs have them."""

import pytest

from domain.reasons import Reason, as_written, facts_of_reason, reason_in

WHOLE = Reason(
    "of_several",
    {"secrets": ("a-key", "b-key"), "most": 2, "within": 0.5, "at": None, "free": True},
    (Reason("unknown_secret", {"secret": "a-key"}, (Reason("deeper"),)), Reason("not_an_admin")),
)


@pytest.mark.parametrize(
    "reason", [Reason("one"), Reason("one", {"two": ""}), WHOLE, as_written("It took too long.")]
)
def test_an_event_keeps_the_whole_reason_in_flat_facts(reason: Reason) -> None:
    facts = facts_of_reason(reason)

    assert reason_in(facts) == reason
    assert all(isinstance(fact, str) for fact in facts.values())


def test_an_event_may_keep_several_reasons_by_their_names() -> None:
    facts = facts_of_reason(Reason("one")) | facts_of_reason(WHOLE, "note")

    assert (reason_in(facts), reason_in(facts, "note")) == (Reason("one"), WHOLE)


def test_an_event_of_an_older_version_has_a_sentence() -> None:
    assert reason_in({"reason": "not_a_code"}) == as_written("not_a_code")
    assert reason_in({"reason": ""}) is None
    assert reason_in({}) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "null", '{"a": {"b": 1}}', "[" * 100_000, 7])
def test_parameters_that_cannot_be_read_leave_the_code(text: object) -> None:
    facts = {"reason": "one", "reason_params": text, "reason_parts": text}

    read = reason_in(facts)

    assert read
    assert read.code == "one"
    assert read.parts == ()


def test_a_parameter_that_is_nothing_plain_is_read_as_text() -> None:
    read = reason_in({"reason": "one", "reason_params": '{"a": {"b": 1}, "c": [2, "d"]}'})

    assert read == Reason("one", {"a": "{'b': 1}", "c": ("2", "d")})


def test_a_log_shows_code_and_parameters() -> None:
    assert str(Reason("one", {"secret": "key", "most": 12})) == "one (secret=key, most=12)"
    assert str(Reason("one", {"secret": "a", "names": ("b", "c")})) == "one (secret=a, names=b/c)"
    assert str(Reason("one", parts=(Reason("two"), Reason("three")))) == "one: two; three"
    assert str(as_written("It took too long.")) == "It took too long."
    assert str(Reason("as_written")) == ""
