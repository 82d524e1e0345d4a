"""Who can see which part of the history."""

from dataclasses import replace

import pytest

from domain.audit.history import Filter, Opening, decide_filter, is_part_of, opening_of
from domain.drill.drill import Drill
from domain.refusals.people import NotAnAdmin
from domain.workflow import Event
from tests.cards.orphan_scenarios import FOUND
from tests.support.builders import ADA, DANA, EVE, SECRET, a_request
from tests.support.clock import NINE
from tests.support.rotation.builders import BY_SCHEDULE, ROTATED, a_rotation, a_schedule


def test_an_admin_sees_everything() -> None:
    assert decide_filter(Filter(), ADA, is_admin=True) == Filter()
    everything_of_dana = Filter(person=DANA.object_id)
    assert decide_filter(everything_of_dana, ADA, is_admin=True) == everything_of_dana


def test_others_see_their_own() -> None:
    narrowed = decide_filter(Filter(secret=SECRET, since=NINE), DANA, is_admin=False)

    assert narrowed == Filter(person=DANA.object_id, secret=SECRET, since=NINE)


def test_others_can_filter_by_themselves() -> None:
    mine = Filter(person=DANA.object_id)

    assert decide_filter(mine, DANA, is_admin=False) == mine


def test_only_admins_see_someone_elses_history() -> None:
    with pytest.raises(NotAnAdmin):
        decide_filter(Filter(person=EVE.object_id), DANA, is_admin=False)


def test_a_request_belongs_to_its_requester() -> None:
    opening = opening_of(a_request())

    assert opening is not None
    assert (opening.at, opening.people, opening.secrets) == (NINE, (DANA.object_id,), (SECRET,))


def test_a_rotation_belongs_to_the_person_who_asked_for_it_or_to_no_one() -> None:
    asked, scheduled = opening_of(a_rotation()), opening_of(a_rotation(trigger=BY_SCHEDULE))

    assert asked is not None
    assert (asked.at, asked.people, asked.secrets) == (NINE, (ADA.object_id,), (ROTATED,))
    assert scheduled is not None
    assert scheduled.people == ()


def test_a_schedule_is_not_in_history() -> None:
    assert opening_of(a_schedule()) is None


def test_an_orphan_belongs_to_no_one() -> None:
    opening = opening_of(FOUND)

    assert opening is not None
    assert (opening.at, opening.people, opening.secrets) == (FOUND.found_at, (), ())


def test_a_drill_belongs_to_the_admin_who_asked_for_it_or_to_no_one() -> None:
    due = Drill(id="drl-one", access=a_request())
    asked = replace(due, asked_by=ADA)

    assert opening_of(due) == Opening(NINE, (), (SECRET,))
    assert opening_of(asked) == Opening(NINE, (ADA.object_id,), (SECRET,))


def test_requesters_and_deciders_are_part_of_a_workflow() -> None:
    approval = Event("approved", NINE, ADA)

    assert is_part_of(a_request(), [], DANA)
    assert is_part_of(a_request(), [approval], ADA)
    assert not is_part_of(a_request(), [approval], EVE)


def test_nobody_is_part_of_what_is_not_in_history_unless_they_acted_in_it() -> None:
    assert not is_part_of(a_schedule(), [], DANA)
    assert is_part_of(a_schedule(), [Event("changed", NINE, DANA)], DANA)
