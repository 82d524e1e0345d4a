"""People and groups that a rule names."""

import pytest

from domain.people import NO_GROUPS, Group, Person, Principals, is_approver, is_guest_name
from tests.support.builders import ADA, BO, CY, in_directory

PAYMENTS, LEADS = Group("group-1", "Payments"), Group("group-2", "Leads")
NAMED = Principals((in_directory(ADA), in_directory(BO)), (PAYMENTS, LEADS))


def test_a_rule_names_people_and_the_members_of_groups() -> None:
    assert NAMED.include(BO.object_id, NO_GROUPS)
    assert NAMED.include(CY.object_id, {"group-2"})
    assert not NAMED.include(CY.object_id, {"group-3"})
    assert not NAMED.include(CY.object_id, NO_GROUPS)


def test_people_can_be_left_out_and_groups_stay() -> None:
    assert NAMED.without({ADA.object_id}) == Principals((in_directory(BO),), (PAYMENTS, LEADS))
    assert NAMED.ids == {ADA.object_id, BO.object_id, "group-1", "group-2"}


def test_an_actor_is_a_person_of_unknown_email() -> None:
    assert ADA.as_person() == Person(ADA.object_id, ADA.name)


def test_an_approver_is_known_by_object_id() -> None:
    assert is_approver(ADA, [in_directory(BO), in_directory(ADA)])
    assert not is_approver(CY, [in_directory(BO), in_directory(ADA)])


@pytest.mark.parametrize(
    ("name", "is_guest"),
    [
        ("eve_fabrikam.example#EXT#@contoso.example", True),
        ("eve_fabrikam.example#ext#@contoso.example", True),
        ("eve@contoso.example", False),
        (None, False),
        (7, False),
    ],
)
def test_a_guest_has_a_name_of_entras_form(name: object, is_guest: bool) -> None:
    assert is_guest_name(name) is is_guest
