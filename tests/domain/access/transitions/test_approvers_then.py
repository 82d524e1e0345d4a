"""An event keeps who could decide when it happened."""

from domain.access.transitions.approvers_then import facts_of_approvers
from domain.people import Group, Principals
from tests.support.builders import ADA, BO, DANA, a_request, in_directory, some_terms


def test_the_people_it_is_about_are_not_among_them() -> None:
    terms = some_terms(approvers=(in_directory(ADA), in_directory(DANA)))

    assert facts_of_approvers(a_request(), terms) == {
        "approvers": ADA.name,
        "approvers_ids": ADA.object_id,
    }


def test_groups_are_named_as_such_and_by_their_id_without_a_name() -> None:
    named = Principals((in_directory(BO),), (Group("group-1", "Payments"), Group("group-2", "")))
    terms = some_terms(approvers=(in_directory(ADA),), deciders=(named,))

    assert facts_of_approvers(a_request(), terms) == {
        "approvers": BO.name,
        "approvers_ids": BO.object_id,
        "approver_groups": "Payments, group-2",
    }
