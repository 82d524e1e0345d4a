"""The plan of a rotation: what it shows, what it warns of, and when it can be confirmed."""

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.rotation.plan_card import plan_card
from domain.rotation.plan import PlannedDependent, RotationPlan
from domain.rotation.rotation import Shape
from tests.cards.hostile import HOSTILE
from tests.cards.reading_cards import whole_text
from tests.cards.rotation_scenarios import DRIFT, LITERAL, PLANS, SLOT, a_plan, plan_saying
from tests.support.refusing import words_of


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS.keys())
def test_each_plan_is_drawn_as_before(plan: RotationPlan, card_snapshot: SnapshotAssertion) -> None:
    assert plan_card(plan, confirm="rot-1") == card_snapshot


def test_hostile_text_is_drawn_as_before(card_snapshot: SnapshotAssertion) -> None:
    everything_at_once = " ".join(HOSTILE.values())[:1_000]

    assert (
        plan_card(plan_saying(everything_at_once, PLANS["drift"]), confirm="rot-1") == card_snapshot
    )


def test_a_plan_to_confirm_has_its_two_buttons_and_the_data_they_need() -> None:
    plan = replace(a_plan(), rules="0123456789abcdef")
    rotate, cancel = plan_card(plan, confirm="rot-1")["actions"]

    assert (rotate["verb"], cancel["verb"]) == ("rotation.confirm", "rotation.cancel")
    assert cancel["data"] == {"rotation": "rot-1", "secret": "app-api-key"}
    assert rotate["data"] == cancel["data"] | {"rules": "0123456789abcdef"}


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS.keys())
def test_a_plan_without_confirmation_has_no_buttons(plan: RotationPlan) -> None:
    assert "actions" not in plan_card(plan, confirm=None)


@pytest.mark.parametrize("name", ["drift", "unreadable secret"])
def test_a_blocked_plan_cannot_be_confirmed(name: str) -> None:
    drawn = plan_card(PLANS[name], confirm="rot-1")

    assert PLANS[name].is_blocked
    assert "actions" not in drawn
    assert "It would stop" in whole_text(drawn)


def test_blocking_errors_come_first_and_in_red() -> None:
    body = plan_card(PLANS["drift"], confirm=None)["body"]
    containers = [element for element in body[1:] if element["type"] == "Container"]

    assert [each.get("style") for each in containers] == ["attention", "attention", None]
    assert words_of(DRIFT) in whole_text(containers[0])


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (Shape.LITERAL, "Contains the current value itself: it is replaced by the new value"),
        (Shape.REFERENCE, "to the current version: the app re-resolves it"),
        (Shape.PINNED, "pinned to one version: it is pinned to the new version"),
        (Shape.ABSENT, "No such setting yet: the setting is added with the new value"),
        (None, "Not compared: the secret's current version couldn't be read"),
    ],
)
def test_each_shape_is_shown_with_its_change(shape: Shape | None, expected: str) -> None:
    drawn = plan_card(a_plan(PlannedDependent(replace(LITERAL, health_url=""), shape)), confirm="x")

    assert expected in whole_text(drawn)


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        ([Shape.LITERAL], "1 app setting; the app restarts"),
        ([Shape.LITERAL, Shape.PINNED], "2 app settings; the apps restart"),
        ([Shape.REFERENCE], "1 app setting; no app restarts"),
        ([Shape.REFERENCE, Shape.LITERAL], "2 app settings; checkout-api/staging restarts"),
        ([None], "1 app setting; apps whose settings change restart"),
    ],
)
def test_an_app_restarts_only_if_its_settings_change(
    shapes: list[Shape | None], expected: str
) -> None:
    dependents = (LITERAL, SLOT)
    planned = [PlannedDependent(*each) for each in zip(dependents, shapes, strict=False)]
    drawn = plan_card(a_plan(*planned), confirm=None)

    assert expected in whole_text(drawn)


def test_apps_that_restart_are_counted_by_where_they_are_not_by_how_they_are_spelled() -> None:
    app = LITERAL.app
    spelled = replace(app, name=app.name.upper())
    elsewhere = replace(app, resource_group="rg-two")

    one, two = (
        [PlannedDependent(replace(LITERAL, app=each), Shape.LITERAL) for each in (app, other)]
        for other in (spelled, elsewhere)
    )

    assert "2 app settings; the app restarts" in whole_text(plan_card(a_plan(*one), confirm=None))
    assert "2 app settings; the apps restart" in whole_text(plan_card(a_plan(*two), confirm=None))


def test_a_health_url_is_mentioned() -> None:
    assert "then its health URL is checked" in whole_text(plan_card(a_plan(), confirm=None))


def test_a_plan_with_very_many_dependents_counts_the_rest() -> None:
    many = [PlannedDependent(LITERAL, Shape.LITERAL)] * 40

    assert "… and 28 more." in whole_text(plan_card(a_plan(*many), confirm=None))
