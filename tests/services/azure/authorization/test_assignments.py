"""Creating and deleting role assignments in Azure."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from domain.access.assignment import Assignment
from domain.secrets import Vault
from sandbox import roles
from sandbox.faults import When
from sandbox.seed import APP_API_KEY, BOT, DANA, ROBIN
from sandbox.stored.locks import StoredLock
from services.azure.authorization.assignments import ArmAssignments
from services.azure.calls.pipeline import Pipeline
from services.faults import (
    LimitReached,
    Locked,
    NotPermitted,
    Rejected,
    StandingAccess,
    Unavailable,
)
from services.ports import AssignmentFacts
from tests.services.azure.conftest import answering, dropping
from tests.support.sandbox import Sandbox, give_by_hand, now

ROLE = roles.KEY_VAULT_SECRETS_USER
DESCRIPTION = "Latchkey AR-1 until 2026-03-01T14:00Z"


@pytest.fixture
async def assignments(sandbox: Sandbox, pipeline: Pipeline) -> AsyncIterator[ArmAssignments]:
    assignments = ArmAssignments(
        sandbox.credential(BOT.id),
        pipeline,
        endpoint=sandbox.base_url,
        token_scope=f"{sandbox.base_url}/.default",
    )
    yield assignments
    await assignments.close()


@pytest.fixture
def wanted(vault: Vault) -> Assignment:
    return Assignment(vault.resource_id, DANA.id, ROLE.guid)


def _requests(sandbox: Sandbox) -> list[str]:
    return [one.method for one in sandbox.log]


async def test_a_created_assignment_can_be_read(
    assignments: ArmAssignments, wanted: Assignment
) -> None:
    before = now()

    await assignments.create(wanted, DESCRIPTION)
    facts = await assignments.read(wanted)

    assert facts is not None
    assert AssignmentFacts(wanted, DESCRIPTION, facts.created_at) == facts
    assert facts.created_at is not None
    assert before <= facts.created_at <= now()


async def test_the_assignment_has_our_id_in_azure(
    sandbox: Sandbox, assignments: ArmAssignments, wanted: Assignment
) -> None:
    await assignments.create(wanted, DESCRIPTION)
    existing = sandbox.state.assignments.get(wanted.scope, wanted.id)

    assert existing is not None
    assert (DANA.id, "User", ROLE) == (
        existing.principal_id,
        existing.principal_type,
        existing.role,
    )
    assert existing.description == DESCRIPTION


async def test_access_can_be_given_to_a_single_secret(
    sandbox: Sandbox, assignments: ArmAssignments, wanted: Assignment, vault: Vault
) -> None:
    single = replace(wanted, scope=vault.secret_scope(APP_API_KEY))

    await assignments.create(single, DESCRIPTION)

    assert sandbox.state.assignments.get(single.scope, single.id) is not None


async def test_creating_twice_has_the_same_effect_as_once(
    assignments: ArmAssignments, wanted: Assignment
) -> None:
    await assignments.create(wanted, DESCRIPTION)
    await assignments.create(wanted, DESCRIPTION)

    assert await assignments.read(wanted) is not None


async def test_the_description_of_an_earlier_grant_is_kept(
    assignments: ArmAssignments, wanted: Assignment
) -> None:
    await assignments.create(wanted, "Latchkey AR-0")

    await assignments.create(wanted, DESCRIPTION)
    facts = await assignments.read(wanted)

    assert facts is not None
    assert facts.description == "Latchkey AR-0"


async def test_the_same_access_given_by_someone_else_is_standing_access(
    sandbox: Sandbox, assignments: ArmAssignments, wanted: Assignment
) -> None:
    give_by_hand(sandbox, wanted, str(UUID(int=7)))

    with pytest.raises(StandingAccess, match="409 RoleAssignmentExists"):
        await assignments.create(wanted, DESCRIPTION)

    assert await assignments.read(wanted) is None
    assert await assignments.delete(wanted) is False
    assert sandbox.state.assignments.get(wanted.scope, str(UUID(int=7))) is not None


async def test_access_that_exists_under_our_id_is_not_standing_access(
    sandbox: Sandbox, assignments: ArmAssignments, wanted: Assignment
) -> None:
    await assignments.create(wanted, DESCRIPTION)
    sandbox.break_next(answering(409, "RoleAssignmentExists", path=wanted.id, times=1))

    await assignments.create(wanted, DESCRIPTION)

    assert _requests(sandbox) == ["PUT", "PUT", "GET"]


async def test_an_assignment_deleted_during_its_creation_is_retried_later(
    sandbox: Sandbox, assignments: ArmAssignments, wanted: Assignment
) -> None:
    sandbox.break_next(answering(400, "RoleAssignmentUpdateNotPermitted", times=1))

    with pytest.raises(Unavailable, match="RoleAssignmentUpdateNotPermitted"):
        await assignments.create(wanted, DESCRIPTION)


async def test_another_triple_under_our_id_is_rejected(
    sandbox: Sandbox, assignments: ArmAssignments, wanted: Assignment
) -> None:
    give_by_hand(sandbox, replace(wanted, principal_id=ROBIN.id), wanted.id)

    with pytest.raises(Rejected, match="RoleAssignmentUpdateNotPermitted"):
        await assignments.create(wanted, DESCRIPTION)


async def test_a_person_who_is_not_replicated_yet_is_retried_later(
    sandbox: Sandbox, assignments: ArmAssignments, wanted: Assignment
) -> None:
    sandbox.state.directory.not_replicated[DANA.id] = 1

    with pytest.raises(Unavailable, match="400 PrincipalNotFound"):
        await assignments.create(wanted, DESCRIPTION)

    await assignments.create(wanted, DESCRIPTION)
    assert await assignments.read(wanted) is not None


async def test_a_role_that_the_bot_cannot_assign_is_not_permitted(
    assignments: ArmAssignments, wanted: Assignment
) -> None:
    officer = replace(wanted, role=roles.KEY_VAULT_SECRETS_OFFICER.guid)

    with pytest.raises(NotPermitted, match="403 AuthorizationFailed"):
        await assignments.create(officer, DESCRIPTION)


async def test_a_service_principal_is_rejected(
    assignments: ArmAssignments, wanted: Assignment
) -> None:
    with pytest.raises(Rejected, match="UnmatchedPrincipalType"):
        await assignments.create(replace(wanted, principal_id=BOT.id), DESCRIPTION)


async def test_a_missing_assignment_reads_as_none(
    assignments: ArmAssignments, wanted: Assignment
) -> None:
    assert await assignments.read(wanted) is None


async def test_ids_are_compared_case_insensitively(
    sandbox: Sandbox, assignments: ArmAssignments, wanted: Assignment
) -> None:
    shouted = Assignment(wanted.scope.upper(), DANA.id.upper(), ROLE.guid.upper())
    give_by_hand(sandbox, shouted, wanted.id)

    facts = await assignments.read(wanted)

    assert facts is not None
    assert facts.assignment == wanted


async def test_a_different_triple_is_returned_as_found(
    sandbox: Sandbox, assignments: ArmAssignments, wanted: Assignment
) -> None:
    another = replace(wanted, principal_id=ROBIN.id)
    give_by_hand(sandbox, another, wanted.id)

    facts = await assignments.read(wanted)

    assert facts is not None
    assert another == facts.assignment


async def test_delete_says_whether_the_assignment_existed(
    assignments: ArmAssignments, wanted: Assignment
) -> None:
    await assignments.create(wanted, DESCRIPTION)

    assert await assignments.delete(wanted) is True
    assert await assignments.delete(wanted) is False
    assert await assignments.read(wanted) is None


@pytest.mark.parametrize("code", ["ResourceNotFound", "ResourceGroupNotFound"])
async def test_an_assignment_is_gone_if_its_resource_is(
    sandbox: Sandbox, assignments: ArmAssignments, wanted: Assignment, code: str
) -> None:
    sandbox.break_next(answering(404, code))

    assert await assignments.read(wanted) is None
    assert await assignments.delete(wanted) is False


async def test_an_invisible_subscription_does_not_mean_that_access_is_gone(
    sandbox: Sandbox, assignments: ArmAssignments, wanted: Assignment
) -> None:
    await assignments.create(wanted, DESCRIPTION)
    sandbox.break_next(answering(404, "SubscriptionNotFound"))

    with pytest.raises(Rejected, match="SubscriptionNotFound"):
        await assignments.read(wanted)
    with pytest.raises(Rejected, match="SubscriptionNotFound"):
        await assignments.delete(wanted)


async def test_a_throttled_write_is_postponed_for_as_long_as_azure_asks(
    sandbox: Sandbox, assignments: ArmAssignments, wanted: Assignment, waits: list[float]
) -> None:
    sandbox.break_next(
        answering(429, "SubscriptionRequestsThrottled", headers={"Retry-After": "17"})
    )

    with pytest.raises(Unavailable) as caught:
        await assignments.create(wanted, DESCRIPTION)

    assert caught.value.retry_after == timedelta(seconds=17)
    assert waits == []


async def test_a_short_retry_after_is_waited_for_at_once(
    sandbox: Sandbox, assignments: ArmAssignments, wanted: Assignment, waits: list[float]
) -> None:
    sandbox.break_next(
        answering(429, "SubscriptionRequestsThrottled", headers={"Retry-After": "2"}, times=1)
    )

    await assignments.create(wanted, DESCRIPTION)

    assert waits == [2.0]
    assert _requests(sandbox) == ["PUT", "PUT"]


async def test_a_creation_with_a_lost_answer_is_accepted_when_sent_again(
    sandbox: Sandbox, assignments: ArmAssignments, wanted: Assignment
) -> None:
    sandbox.break_next(dropping(when=When.AFTER, times=1))

    await assignments.create(wanted, DESCRIPTION)

    assert await assignments.read(wanted) is not None


async def test_a_creation_whose_answers_are_all_lost_may_have_happened(
    sandbox: Sandbox, assignments: ArmAssignments, wanted: Assignment
) -> None:
    sandbox.break_next(dropping(when=When.AFTER))

    with pytest.raises(Unavailable, match="ServiceRequestError") as caught:
        await assignments.create(wanted, DESCRIPTION)

    assert caught.value.outcome_unknown
    assert sandbox.state.assignments.get(wanted.scope, wanted.id) is not None


async def test_a_failing_resource_manager_is_unavailable_after_few_retries(
    sandbox: Sandbox, assignments: ArmAssignments, wanted: Assignment, waits: list[float]
) -> None:
    sandbox.break_next(answering(503, "ServiceUnavailable"))

    with pytest.raises(Unavailable, match="503 ServiceUnavailable") as caught:
        await assignments.read(wanted)

    assert caught.value.retry_after is None
    assert not caught.value.outcome_unknown
    assert len(_requests(sandbox)) == 3
    assert sum(waits) < 2


async def test_an_unanswered_change_is_sent_once_and_its_outcome_is_unknown(
    sandbox: Sandbox, assignments: ArmAssignments, wanted: Assignment
) -> None:
    sandbox.break_next(answering(503, "ServiceUnavailable"))

    with pytest.raises(Unavailable, match="503 ServiceUnavailable") as caught:
        await assignments.delete(wanted)

    assert caught.value.outcome_unknown
    assert (caught.value.status, caught.value.code) == (503, "ServiceUnavailable")
    assert len(_requests(sandbox)) == 1


async def test_a_change_that_stays_throttled_was_not_carried_out(
    sandbox: Sandbox, assignments: ArmAssignments, wanted: Assignment, waits: list[float]
) -> None:
    sandbox.break_next(answering(429, "TooManyRequests"))

    with pytest.raises(Unavailable, match="429 TooManyRequests") as caught:
        await assignments.create(wanted, DESCRIPTION)

    assert not caught.value.outcome_unknown
    assert len(_requests(sandbox)) == 3


async def test_a_full_subscription_raises_limit_reached(
    sandbox: Sandbox, assignments: ArmAssignments, wanted: Assignment
) -> None:
    sandbox.break_next(answering(400, "RoleAssignmentLimitExceeded"))

    with pytest.raises(LimitReached) as refused:
        await assignments.create(wanted, DESCRIPTION)

    answer = refused.value.status, refused.value.code
    assert answer == (400, "RoleAssignmentLimitExceeded")


async def test_a_refusal_by_azure_policy_is_not_a_missing_permission(
    sandbox: Sandbox, assignments: ArmAssignments, wanted: Assignment
) -> None:
    sandbox.break_next(answering(403, "RequestDisallowedByPolicy"))

    with pytest.raises(Rejected):
        await assignments.create(wanted, DESCRIPTION)


async def test_several_locks_are_all_named(
    sandbox: Sandbox, assignments: ArmAssignments, wanted: Assignment, vault: Vault
) -> None:
    sandbox.state.locks += [
        StoredLock("keep", sandbox.seed.group_scope),
        StoredLock("too", vault.resource_id),
    ]

    with pytest.raises(Locked) as refused:
        await assignments.delete(wanted)

    assert refused.value.scopes == (sandbox.seed.group_scope, vault.resource_id)
    assert "the resource group demo-rg and the vault demo-vault is locked" in refused.value.cause


async def test_a_lock_at_an_unnamed_scope_keeps_azures_message(
    sandbox: Sandbox, assignments: ArmAssignments, wanted: Assignment
) -> None:
    sandbox.break_next(answering(409, "ScopeLocked"))

    with pytest.raises(Locked, match="ScopeLocked was ordered by the test") as refused:
        await assignments.delete(wanted)

    assert refused.value.scopes == ()
