"""Figures that are added up are those of all the workflows together."""

from datetime import timedelta

import pytest

from domain.access.request import Approval, RequestState
from domain.audit.figures import Figures, rounded, total
from tests.support.builders import (
    ADA,
    DANA,
    EVE,
    HOUR,
    MINUTE,
    a_denied_request,
    a_grant,
    a_request,
    an_active_request,
)
from tests.support.clock import NINE
from tests.support.rotation_builders import a_rotation

SECOND = timedelta(seconds=1)
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
)


def figures_of(*heads: object) -> Figures:
    figures = Figures()
    for head in heads:
        figures.count(head, (), NINE + 2 * HOUR)  # type: ignore[arg-type]
    return figures


@pytest.mark.parametrize("cut", range(len(SOME) + 1))
def test_the_figures_of_two_halves_add_up_to_the_whole(cut: int) -> None:
    assert total([figures_of(*SOME[:cut]), figures_of(*SOME[cut:])]) == figures_of(*SOME)


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
