"""Figures that are added up are those of all the workflows together."""

from collections import Counter
from datetime import timedelta

import pytest

from domain.access.request import Approval, RequestState, RuleApproval
from domain.audit.figures import Figures, rounded, total
from domain.drill.drill import Drill
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
from tests.support.rotation_builders import a_rotation

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
DRILLS = SOME[4:7]


def figures_of(*heads: object) -> Figures:
    figures = Figures()
    for head in heads:
        figures.count(head, (), NINE + 2 * HOUR)  # type: ignore[arg-type]
    return figures


@pytest.mark.parametrize("cut", range(len(SOME) + 1))
def test_the_figures_of_two_halves_add_up_to_the_whole(cut: int) -> None:
    assert total([figures_of(*SOME[:cut]), figures_of(*SOME[cut:])]) == figures_of(*SOME)


def test_each_kind_of_workflow_has_its_figures() -> None:
    a_day = NINE.date()

    assert figures_of(*SOME, *DRILLS) == Figures(
        requests=Counter({"pending": 1, "denied": 1, "revoking": 1, "active": 2}),
        rotations=Counter({"running": 1}),
        approved_by_people=1,
        approved_by_rule=2,
        made=Counter({a_day: 5}),
        granted=Counter({a_day: 3}),
        waits={a_day: Counter({timedelta(): 1, 4 * MINUTE: 1})},
        late=Counter({HOUR: 3}),
        drills=Counter({"succeeded": 2, "failed": 2}),
        drills_late=Counter({2 * SECOND: 2}),
        requesters=Counter({DANA.object_id: 5}),
        approvers=Counter({ADA.object_id: 1, EVE.object_id: 1}),
        deniers=Counter({BO.object_id: 1}),
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


def test_somebody_who_was_renamed_is_one_person() -> None:
    before, after = (
        a_request(),
        a_request(requester=type(DANA)(DANA.tenant_id, DANA.object_id, "D")),
    )

    figures = figures_of(before, after)

    assert figures.requesters == {DANA.object_id: 2}
    assert figures.person(DANA.object_id).name == "D"
