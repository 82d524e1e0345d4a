"""What can change between an approval and the grant, so that nothing may be granted."""

from collections.abc import Callable

from domain.access.rules.step_up_rule import StepUpAct, StepUpRule
from services.ports import SecretState
from tests.support.builders import (
    ADA,
    BO,
    DANA,
    EVE,
    MINUTE,
    OTHER_SECRET,
    SECRET,
    VAULT,
    email_of,
    in_directory,
    policies,
)
from tests.support.replica import World


def _dana_leaves(world: World) -> None:
    world.people.remove(in_directory(DANA))


def _dana_is_disabled(world: World) -> None:
    world.people.disable(in_directory(DANA))


def _ada_leaves(world: World) -> None:
    world.people.remove(in_directory(ADA))


def _ada_is_no_longer_an_approver(world: World) -> None:
    world.policies.adopt(policies(approvers=(email_of(BO),)))


def _two_have_to_approve(world: World) -> None:
    world.policies.adopt(policies(min_approvals=2))


def _approvals_have_to_be_confirmed(world: World) -> None:
    world.policies.adopt(policies(step_up=StepUpRule(required=True)))


def _requests_have_to_be_confirmed(world: World) -> None:
    rule = StepUpRule(required=True, acts=(StepUpAct.REQUEST,))
    world.policies.adopt(policies(step_up=rule))


def _it_is_no_longer_requestable(world: World) -> None:
    world.policies.adopt(policies(OTHER_SECRET))


def _only_eve_may_ask(world: World) -> None:
    world.policies.adopt(policies(requesters=(email_of(EVE),)))


def _the_cap_is_lower(world: World) -> None:
    world.policies.adopt(policies(longest=30 * MINUTE))


def _the_secret_is_gone(world: World) -> None:
    world.secrets.put(VAULT, SECRET, SecretState.UNKNOWN)


def _the_secret_is_disabled(world: World) -> None:
    world.secrets.put(VAULT, SECRET, SecretState.DISABLED)


OBSTACLES: dict[str, tuple[Callable[[World], None], str]] = {
    "the requester left": (_dana_leaves, "requester_gone"),
    "the requester is disabled": (_dana_is_disabled, "requester_gone"),
    "the approver left": (_ada_leaves, "approvals_no_longer_count"),
    "other approvers": (_ada_is_no_longer_an_approver, "approvals_no_longer_count"),
    "a larger quorum": (_two_have_to_approve, "approvals_no_longer_count"),
    "approvals to confirm": (_approvals_have_to_be_confirmed, "approvals_no_longer_count"),
    "requests to confirm": (_requests_have_to_be_confirmed, "not_confirmed_today"),
    "not requestable": (_it_is_no_longer_requestable, "no_longer_requestable"),
    "other requesters": (_only_eve_may_ask, "may_not_ask"),
    "a lower cap": (_the_cap_is_lower, "duration_out_of_bounds"),
    "the secret is gone": (_the_secret_is_gone, "unknown_secret"),
    "the secret is disabled": (_the_secret_is_disabled, "disabled_secret"),
}
