"""What the refusals of approvers' answers keep."""

from domain.people import Group, Principals
from domain.reasons import Reason
from domain.refusals.decisions import NotAnApprover
from tests.support.builders import ADA, in_directory


def test_someone_who_is_no_approver_is_told_who_is() -> None:
    approvers = Principals((in_directory(ADA),), (Group("group-1", "Payments"),))

    assert NotAnApprover(approvers).reason == Reason(
        "not_an_approver", {"approvers": ("Ada Approver",), "groups": ("Payments",)}
    )
