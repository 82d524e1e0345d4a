"""Checks of the groups in the configuration."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.access.rules.auto_approval import AutoApproval
from domain.diagnosis import CheckStatus
from domain.people import Group, Person
from services.faults import NotPermitted, Unavailable
from services.operations.checks.groups import GroupChecks
from services.people.directory import Directory
from tests.services.operations.checks.fakes import InEnglish, look
from tests.support.azure_fakes import FakeGroups, FakePeople
from tests.support.builders import ADA, BO, CY, email_of, in_directory, policies
from tests.support.clock import ManualClock

APPROVERS = Group(str(UUID(int=1)), "Approvers")
ON_CALL = Group(str(UUID(int=2)), "On call")
ADMINS = ("group:Approvers",)
DENIED = NotPermitted("Microsoft Graph", "403 Authorization_RequestDenied")


class Tenant:
    """Ada, and Bo through a nested group, are approvers."""

    def __init__(self) -> None:
        self.groups = FakeGroups()
        self.groups.add(ON_CALL, in_directory(BO))
        self.groups.add(APPROVERS, in_directory(ADA), ON_CALL)

    async def look(self, subject: str, *secrets: str, **rules: Any) -> InEnglish:
        """Look at what these rules, and these admins, name."""
        people = FakePeople(*(in_directory(one) for one in (ADA, BO, CY)))
        checks = GroupChecks(self.groups, Directory([people], ManualClock()))
        admins = rules.pop("admins", ())
        return await look(checks.checks(policies(*secrets, **rules), admins), subject)


async def test_a_group_with_members_is_good() -> None:
    found = await Tenant().look("Admin group Approvers", admins=ADMINS)

    assert (found.health, found.seen) == (
        CheckStatus.GOOD,
        f"is Approvers ({APPROVERS.object_id}), with 2 people",
    )


async def test_a_group_with_two_duties_is_checked_once() -> None:
    found = await Tenant().look(
        "Approver, requester and admin group Approvers",
        approvers=ADMINS,
        requesters=("group:approvers", email_of(CY)),
        admins=ADMINS,
    )

    assert found.health is CheckStatus.GOOD


async def test_a_group_that_does_not_exist_is_broken() -> None:
    tenant = Tenant()
    tenant.groups.delete(APPROVERS)

    found = await tenant.look("Admin group Approvers", admins=ADMINS)

    assert (found.health, found.seen) == (
        CheckStatus.BROKEN,
        "isn't in the directory, so it admits no one",
    )


async def test_a_name_that_several_groups_have_is_broken() -> None:
    tenant = Tenant()
    tenant.groups.add(Group(str(UUID(int=3)), "APPROVERS"), in_directory(CY))

    found = await tenant.look("Admin group Approvers", admins=ADMINS)

    assert (found.health, found.seen) == (
        CheckStatus.BROKEN,
        "is the name of several groups, so it admits no one",
    )
    assert "object ID" in found.remedy


async def test_a_group_without_enabled_members_is_broken() -> None:
    tenant = Tenant()
    tenant.groups.disable(in_directory(ADA))
    tenant.groups.disable(in_directory(BO))

    found = await tenant.look("Admin group Approvers", admins=ADMINS)

    assert found.health is CheckStatus.BROKEN
    assert found.seen.endswith("which has no enabled members")


@pytest.mark.parametrize("operation", ["find", "members", "memberships"])
async def test_a_missing_permission_is_broken_and_named(operation: str) -> None:
    tenant = Tenant()
    tenant.groups.faults.order(operation, DENIED)

    found = await tenant.look("Admin group Approvers", admins=ADMINS)

    assert (found.health, found.seen) == (
        CheckStatus.BROKEN,
        "can't be checked (403 Authorization_RequestDenied)",
    )
    assert "GroupMember.Read.All and User.Read.All" in found.remedy


async def test_a_missing_permission_is_noticed_even_for_an_empty_group() -> None:
    tenant = Tenant()
    tenant.groups.add(Group(str(UUID(int=3)), "Empty"))
    tenant.groups.faults.order("memberships", DENIED)

    found = await tenant.look("Admin group Empty", admins=("group: Empty",))

    assert "403" in found.seen


async def test_members_who_are_not_confirmed_are_doubtful() -> None:
    class Hidden(FakeGroups):
        async def memberships(self, *_: object) -> frozenset[str]:
            return frozenset()

    tenant = Tenant()
    tenant.groups = Hidden()
    tenant.groups.add(APPROVERS, in_directory(ADA))

    found = await tenant.look("Admin group Approvers", admins=ADMINS)

    assert found.health is CheckStatus.DOUBTFUL
    assert "Member.Read.Hidden" in found.remedy


async def test_members_of_large_groups_are_not_all_counted() -> None:
    tenant = Tenant()
    many = [Person(f"{number:03}", f"Person {number}") for number in range(500)]
    tenant.groups.add(APPROVERS, *many)

    found = await tenant.look("Admin group Approvers", admins=ADMINS)

    assert found.seen.endswith("with 100 or more people")


async def test_each_person_in_a_quorum_counts_once() -> None:
    named = (email_of(BO), email_of(CY), "group:Approvers", "group:On call", "group:no such")

    found = await Tenant().look("Approvers of one", "one", approvers=named, min_approvals=3)

    assert (found.health, found.seen) == (CheckStatus.GOOD, "3 people for 3 approvals")


async def test_too_few_people_for_a_quorum_are_broken() -> None:
    named = (email_of(BO), "group:On call")

    found = await Tenant().look(
        "Approvers of one and two", "one", "two", approvers=named, min_approvals=2
    )

    assert (found.health, found.seen) == (
        CheckStatus.BROKEN,
        "only 1 person for 2 approvals, so no request can succeed",
    )


async def test_many_secrets_with_the_same_approvers_are_not_all_named() -> None:
    subject = "Approvers of a, b, c and 2 more"

    found = await Tenant().look(subject, "a", "b", "c", "d", "e", approvers=ADMINS)

    assert found.health is CheckStatus.GOOD


async def test_a_quorum_that_may_not_be_counted_names_the_permission() -> None:
    tenant = Tenant()
    tenant.groups.faults.order("members", DENIED)

    found = await tenant.look("Approvers of one", "one", approvers=ADMINS)

    assert "GroupMember.Read.All" in found.remedy


async def test_an_ambiguous_group_gives_a_quorum_no_one() -> None:
    tenant = Tenant()
    tenant.groups.add(Group(str(UUID(int=3)), "Approvers"), in_directory(CY))

    found = await tenant.look("Approvers of one", "one", approvers=ADMINS)

    assert found.seen == "only 0 people for 1 approval, so no request can succeed"


async def test_a_quorum_of_people_alone_has_no_check() -> None:
    checks = GroupChecks(FakeGroups(), Directory([FakePeople()], ManualClock()))

    assert list(checks.checks(policies(), [email_of(ADA)])) == []


async def test_a_quorum_that_owners_in_tags_may_complete_has_no_check() -> None:
    checks = GroupChecks(FakeGroups(), Directory([FakePeople()], ManualClock()))

    found = checks.checks(policies("one", approvers=ADMINS, owners_approve=True), [])

    assert [str(check.subject) for check in found] == ["Approver group Approvers"]


@pytest.mark.parametrize(
    ("key", "duty"),
    [
        ("approvers", "Approver"),
        ("escalation", "Escalation"),
        ("requesters", "Requester"),
        ("on_behalf", "On-behalf"),
        ("break_glass", "Break-glass"),
    ],
)
async def test_a_group_is_checked_whatever_it_is_named_for(key: str, duty: str) -> None:
    found = await Tenant().look(f"{duty} group Approvers", **{key: ADMINS})

    assert found.health is CheckStatus.GOOD


async def test_a_group_whose_requests_are_approved_by_rule_is_checked() -> None:
    rule = AutoApproval(table="one", requesters=ADMINS, longest=timedelta(minutes=30))

    found = await Tenant().look("Auto-approval group Approvers", auto_approve=rule)

    assert found.health is CheckStatus.GOOD


async def test_an_outage_fails_the_check_itself() -> None:
    tenant = Tenant()
    tenant.groups.faults.order("find", Unavailable("Microsoft Graph", "503"))

    with pytest.raises(Unavailable):
        await tenant.look("Admin group Approvers", admins=ADMINS)
