"""Figures that are added up are those of all the workflows together."""

from collections import Counter
from datetime import date, datetime, timedelta, timezone

import pytest

from domain.access.approval import Approval, RuleApproval
from domain.access.request import RequestState
from domain.audit.figures import Figures, day_of, rounded
from domain.drill.drill import Drill
from domain.people import Person
from domain.reasons import Reason
from tests.support.builders import (
    ADA,
    BO,
    DANA,
    EVE,
    HOUR,
    MINUTE,
    a_denied_request,
    a_grant,
    a_request,
    a_revoking_request,
    an_active_request,
)
from tests.support.clock import NINE
from tests.support.rotation.builders import a_rotation

SECOND = timedelta(seconds=1)
RULE = RuleApproval(tables=("demo-*",), conditions="", longest=HOUR)
SOME = (
    a_request(),
    a_denied_request(),
    an_active_request(
        state=RequestState.REVOKING,
        approvals=(Approval(ADA, NINE + 3 * MINUTE), Approval(EVE, NINE + 4 * MINUTE)),
        grant=a_grant(granted_at=NINE + 4 * MINUTE, expires_at=NINE + HOUR),
        revoke_since=NINE + HOUR,
    ),
    a_rotation(),
    Drill(
        id="drl-one",
        access=a_revoking_request(state=RequestState.REVOKED, gone_at=NINE + HOUR + 2 * SECOND),
        given_at=NINE,
    ),
    Drill(
        id="drl-two",
        access=a_revoking_request(state=RequestState.FAILED),
        failure=Reason("refused"),
    ),
    Drill(id="drl-three", access=an_active_request()),
    an_active_request(approvals=(), approved_by_rule=RULE),
    an_active_request(approvals=(), approved_by_rule=RULE),
)


def figures_of(*heads: object) -> Figures:
    figures = Figures()
    for head in heads:
        figures.count(head, (), NINE + 2 * HOUR)  # type: ignore[arg-type]
    return figures


@pytest.mark.parametrize("cut", range(len(SOME) + 1))
def test_the_figures_of_two_halves_add_up_to_the_whole(cut: int) -> None:
    figures = figures_of(*SOME[:cut])

    figures.add(figures_of(*SOME[cut:]))

    assert figures == figures_of(*SOME)


def test_each_kind_of_workflow_has_its_figures() -> None:
    a_day = NINE.date()

    assert figures_of(*SOME, *SOME) == Figures(
        requests=Counter({"pending": 2, "denied": 2, "revoking": 2, "active": 4}),
        rotations=Counter({"running": 2}),
        approved_by_people=2,
        approved_by_rule=4,
        made=Counter({a_day: 10}),
        granted=Counter({a_day: 6}),
        waits={a_day: Counter({timedelta(): 2, 4 * MINUTE: 2})},
        late=Counter({HOUR: 6}),
        drills=Counter({"succeeded": 2, "failed": 2}),
        drills_late=Counter({2 * SECOND: 2}),
        requesters=Counter({DANA.object_id: 10}),
        approvers=Counter({ADA.object_id: 2, EVE.object_id: 2}),
        deniers=Counter({BO.object_id: 2}),
        names={one.object_id: one.name for one in (DANA, ADA, EVE, BO)},
    )


@pytest.mark.parametrize(
    ("exact", "kept"),
    [
        (-SECOND, timedelta()),
        (timedelta(), timedelta()),
        (timedelta(microseconds=1), 0.1 * SECOND),
        (59.91 * SECOND, MINUTE),
        (MINUTE, MINUTE),
        (60.01 * SECOND, 61 * SECOND),
        (HOUR, HOUR),
        (HOUR + SECOND, HOUR + MINUTE),
    ],
)
def test_durations_are_rounded_up_the_longer_the_coarser(exact: timedelta, kept: timedelta) -> None:
    assert rounded(exact) == kept


@pytest.mark.usefixtures("_far_west")
def test_days_are_those_of_utc_wherever_the_machine_is() -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=timezone(-HOUR))

    assert day_of(late) == date(2026, 3, 3)


def test_somebody_who_was_renamed_is_one_person() -> None:
    before, after = (
        a_request(),
        a_request(requester=type(DANA)(DANA.tenant_id, DANA.object_id, "D")),
    )

    figures = figures_of(before, after)

    assert figures.requesters == {DANA.object_id: 2}
    assert figures.person(DANA.object_id) == Person(DANA.object_id, "D")


def test_somebody_whose_name_was_erased_is_known_by_their_id() -> None:
    assert Figures().person(DANA.object_id) == Person(DANA.object_id, DANA.object_id)
