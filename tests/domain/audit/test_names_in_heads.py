"""Names in heads give way to object IDs."""

from dataclasses import replace

from domain.access.approval import Approval, Denial, LeftOut, Review
from domain.access.extension import Extension
from domain.audit.names_in_heads import ids_of, people_in, without_names
from domain.people import Group, Person, Principals
from domain.reasons import Reason
from domain.rotation.rotation import Cause, Trigger
from tests.support.builders import (
    ADA,
    BO,
    CY,
    DANA,
    EVE,
    HOUR,
    a_request,
    a_target,
    in_directory,
    some_terms,
)
from tests.support.clock import NINE
from tests.support.rotation.builders import a_rotation

ADA_ERASED = replace(ADA, name=ADA.object_id)
GONE = Reason("nothing_granted", parts=(Reason("requester_gone", {"name": ADA.name}),))
LOST = Reason("approvals_no_longer_count", {"approvers": (ADA.name, BO.name), "x": ADA.name})
WITH_ADA = a_request(
    requester=ADA,
    beneficiary=in_directory(ADA),
    admins=(in_directory(ADA), in_directory(CY)),
    approvals=(Approval(ADA, NINE), Approval(BO, NINE)),
    denial=Denial(ADA, NINE, "Ada Approver said so", LOST),
    ended_by=ADA,
    extension=Extension(HOUR, NINE, "wish", (Approval(ADA, NINE),)),
    failure=GONE,
    review=Review(ADA, NINE, "by Ada Approver"),
    left_out=(LeftOut(a_target(), ADA),),
    terms=some_terms(
        escalation=(in_directory(ADA),),
        deciders=(Principals((in_directory(ADA), in_directory(BO)), (Group("g", "Ada's"),)),),
        later_deciders=(Principals((in_directory(ADA),)),),
    ),
)


def is_ada(object_id: str) -> bool:
    return object_id == ADA.object_id


def test_everyone_in_a_head_is_found() -> None:
    found = [one for one in people_in(WITH_ADA) if one.object_id == ADA.object_id]

    assert len(found) == 13
    assert {one.object_id for one in people_in(WITH_ADA)} == {
        one.object_id for one in (ADA, BO, CY)
    }


def test_a_person_is_without_name_and_email_everywhere() -> None:
    after = without_names(WITH_ADA, is_ada)

    assert after.requester == ADA_ERASED
    assert after.beneficiary == Person(ADA.object_id, ADA.object_id)
    assert {one.name for one in people_in(after) if is_ada(one.object_id)} == {ADA.object_id}
    assert "ada@contoso.example" not in str(after)


def test_others_and_everything_else_stay_as_they_are() -> None:
    after = without_names(WITH_ADA, is_ada)

    others = [one for one in people_in(WITH_ADA) if not is_ada(one.object_id)]
    assert [one for one in people_in(after) if not is_ada(one.object_id)] == others
    assert after.justification == WITH_ADA.justification
    assert after.terms.deciders[0].groups == (Group("g", "Ada's"),)
    assert after.denial is not None
    assert after.denial.reason == "Ada Approver said so"
    assert after.targets == WITH_ADA.targets


def test_a_reason_loses_the_name_where_it_is_one() -> None:
    after = without_names(WITH_ADA, is_ada)

    assert after.failure == Reason(
        "nothing_granted", parts=(Reason("requester_gone", {"name": ADA.object_id}),)
    )
    assert after.denial is not None
    assert after.denial.refusal == Reason(
        "approvals_no_longer_count", {"approvers": (ADA.object_id, BO.name), "x": ADA.name}
    )


def test_a_head_without_the_person_is_the_same() -> None:
    assert without_names(WITH_ADA, lambda one: one == EVE.object_id) == WITH_ADA


def test_erasing_again_changes_nothing() -> None:
    after = without_names(WITH_ADA, is_ada)

    assert without_names(after, is_ada) == after


def test_a_rotation_loses_names_too() -> None:
    rotation = a_rotation(trigger=Trigger(Cause.ASKED, ADA), approved_by=ADA)

    after = without_names(rotation, is_ada)

    assert (after.trigger.actor, after.approved_by) == (ADA_ERASED, ADA_ERASED)


def test_a_reason_among_several_loses_the_name_too() -> None:
    gone, other = Reason("requester_gone", {"name": ADA.name}), Reason("settings_unknown")
    rotation = a_rotation(approved_by=ADA, left=(gone, other))

    after = without_names(rotation, is_ada)

    assert after.left == (Reason("requester_gone", {"name": ADA.object_id}), other)


def test_a_reason_whose_name_is_none_stays_as_it_is() -> None:
    odd = (Reason("requester_gone", {"name": 7}), Reason("requester_gone"))

    assert without_names(a_rotation(approved_by=ADA, left=odd), is_ada).left == odd


def test_a_name_belongs_to_whoever_has_it_in_one_of_the_heads() -> None:
    namesake = replace(DANA, name=ADA.name)

    assert ids_of(ADA.name, WITH_ADA, None) == (ADA.object_id,)
    assert ids_of(ADA.name, None, WITH_ADA, a_request(requester=namesake)) == (
        ADA.object_id,
        DANA.object_id,
    )
    assert ids_of("Nobody", WITH_ADA) == ()
