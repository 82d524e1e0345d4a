"""What people can do with access requests, and the answers they get."""

import asyncio
from datetime import timedelta

import pytest

from cards.access.parts.scope import describe_scope
from cards.reasons.sentences import sentence_of
from domain.access.request import RequestState
from domain.access.rules.policy import ScopeKind
from domain.people import Actor, Person, Principals
from domain.refusals.decisions import (
    AccountGone,
    AlreadyApproved,
    AlreadyDecided,
    NoLongerPending,
    NotAnApprover,
    SelfApproval,
    UnknownRequest,
)
from domain.refusals.refusal import Refusal
from domain.refusals.requests import (
    DurationOutOfBounds,
    JustificationMissing,
    JustificationTooLong,
    NobodyCanApprove,
    NotYourForm,
    UnreadableDuration,
)
from domain.refusals.secrets import DisabledSecret, NotASecretName, NotRequestable, UnknownSecret
from domain.refusals.services import BotNotPermitted, ServiceUnavailable
from services.access.requests import RequestLimits
from services.faults import NotPermitted, Rejected, Unavailable
from services.ports import SecretState
from tests.support.builders import (
    ADA,
    ASSIGNMENT,
    BO,
    CY,
    DANA,
    EVE,
    HOUR,
    MINUTE,
    OTHER_SECRET,
    SECRET,
    VAULT,
    email_of,
    in_directory,
    policies,
)
from tests.support.clock import NINE
from tests.support.refusing import refusing
from tests.support.replica import Replica, World, a_draft

TWO_APPROVERS = (email_of(ADA), email_of(BO), email_of(CY))


def _person(actor: Actor) -> Person:
    return in_directory(actor)


async def test_an_offer_says_who_would_decide_and_writes_nothing() -> None:
    world = World()

    offer = await Replica(world).access.offer(DANA, a_draft())

    assert (_person(ADA), _person(BO)) == offer.deciders.approvers
    assert [found.secret for found in offer.policies] == [SECRET]
    assert world.table.transactions == 0


async def test_a_request_keeps_the_terms_it_was_made_under() -> None:
    world = World()
    replica = Replica(world)

    await replica.ask(window=2 * HOUR, justification="  because  \n")
    request = await replica.request()

    assert request.state is RequestState.PENDING
    assert (
        request.requester,
        request.secrets,
        request.targets[0].vault,
        request.justification,
    ) == (DANA, (SECRET,), "kv-demo", "because")
    assert request.window == 2 * HOUR
    assert request.lapses_at == NINE + 8 * HOUR
    assert (_person(ADA), _person(BO)) == request.terms.approvers
    assert request.targets[0].exposes == 2


async def test_a_request_for_one_secret_exposes_one() -> None:
    replica = Replica(World(rules=policies(scope_kind=ScopeKind.SECRET)))

    request = await replica.ask()

    assert request.targets[0].exposes == 1
    assert VAULT.secret_scope(SECRET) == request.targets[0].scope


async def test_an_approver_sees_how_many_exposed_secrets_no_one_can_request() -> None:
    world = World()
    for number in range(6):
        world.secrets.put(VAULT, f"not-for-anybody-{number}")

    request = await Replica(world).ask()

    assert (
        describe_scope(request.targets)
        == "The whole vault: 8 secrets; 6 of them can't be requested"
    )


async def test_a_request_does_not_wait_for_the_count_of_secrets() -> None:
    world = World()
    world.secrets.faults.order("names", Unavailable("Key Vault", "503"))

    request = await Replica(world).ask()

    assert request.state is RequestState.PENDING
    assert request.targets[0].exposes is None


async def test_a_name_is_accepted_in_any_case_and_kept_as_configured() -> None:
    request = await Replica(World()).ask(secret="DEMO-api-KEY")

    assert request.secrets == (SECRET,)


async def test_a_request_submitted_twice_is_one_request() -> None:
    world = World()
    replica = Replica(world)

    first = await replica.ask()
    world.clock.advance(minutes=1)
    second = await replica.ask()
    await replica.settle()

    assert first == second
    assert await replica.event_kinds() == ["requested"]
    assert world.message_sender.audited() == ["requested"]


async def test_a_request_submitted_twice_at_once_is_one_request() -> None:
    world = World()
    replica, other = Replica(world), Replica(world)

    first, second = await asyncio.gather(replica.ask(), other.ask())

    assert first == second
    assert await replica.event_kinds() == ["requested"]


async def test_two_requests_by_one_person_are_two() -> None:
    replica = Replica(World())

    await replica.ask(request_id="req-one")
    await replica.ask(request_id="req-two", secret=OTHER_SECRET)

    assert (await replica.request("req-one")).secrets == (SECRET,)
    assert (await replica.request("req-two")).secrets == (OTHER_SECRET,)


async def test_a_form_only_works_for_the_person_it_was_made_for() -> None:
    replica = Replica(World())
    await replica.ask(DANA)

    with pytest.raises(NotYourForm):
        await replica.ask(EVE)

    assert (await replica.request()).requester == DANA


async def test_an_unlisted_secret_is_refused_recorded_and_announced() -> None:
    world = World()
    replica = Replica(world)

    with refusing(NotRequestable, saying="root-password can't be requested"):
        await replica.ask(secret="root-password")
    await replica.settle()

    assert (await replica.request()).state is RequestState.DENIED
    assert await replica.event_kinds() == ["blocked"]
    assert world.message_sender.posted() == ["audit-000001"]
    assert await world.queued() == []


async def test_a_blocked_request_sent_twice_gets_the_same_answer_and_one_announcement() -> None:
    world = World()
    replica = Replica(world)

    for _ in range(2):
        with refusing(Refusal, saying="root-password can't be requested"):
            await replica.ask(secret="root-password")
    await replica.settle()

    assert world.message_sender.audited() == ["blocked"]


async def test_a_blocked_offer_shown_twice_at_once_is_announced_once() -> None:
    world = World()
    replica, other = Replica(world), Replica(world)

    refused = await asyncio.gather(
        replica.access.offer(DANA, a_draft(secret="root-password")),
        other.access.offer(DANA, a_draft(secret="root-password")),
        return_exceptions=True,
    )
    await replica.settle()

    assert [type(each) for each in refused] == [NotRequestable] * 2
    assert world.message_sender.audited() == ["blocked"]


async def test_a_blocked_request_cannot_be_approved() -> None:
    replica = Replica(World())
    with pytest.raises(NotRequestable):
        await replica.ask(secret="root-password")

    with pytest.raises(NotAnApprover):
        await replica.approve()


async def test_an_invalid_secret_name_is_refused_and_not_announced() -> None:
    world = World()
    replica = Replica(world)

    with pytest.raises(NotASecretName):
        await replica.ask(secret="../root?x=1")
    await replica.settle()

    assert await replica.workflows.load("req-one") is None
    assert world.message_sender.posts == []


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        (SecretState.UNKNOWN, UnknownSecret),
        (SecretState.DISABLED, DisabledSecret),
    ],
)
async def test_an_unknown_and_a_disabled_secret_get_different_answers(
    state: SecretState, refusal: type[Refusal]
) -> None:
    world = World()
    world.secrets.put(VAULT, SECRET, state)
    replica = Replica(world)

    with pytest.raises(refusal, match="kv-demo"):
        await replica.ask()

    assert await replica.workflows.load("req-one") is None


async def test_without_anyone_who_can_approve_there_is_no_request() -> None:
    world = World(rules=policies(approvers=(email_of(DANA), "gone@contoso.example")))
    replica = Replica(world)

    with pytest.raises(NobodyCanApprove):
        await replica.ask(DANA)

    assert await replica.workflows.load("req-one") is None


async def test_an_approver_can_ask_and_another_one_decides() -> None:
    replica = Replica(World())

    await replica.ask(ADA)
    with pytest.raises(SelfApproval):
        await replica.approve(ADA)
    request = await replica.approve(BO)

    assert request.state is RequestState.GRANTING


@pytest.mark.parametrize(
    ("window", "refusal"),
    [
        (None, UnreadableDuration),
        (timedelta(), DurationOutOfBounds),
        (4 * HOUR + timedelta(seconds=1), DurationOutOfBounds),
    ],
)
async def test_an_invalid_window_creates_nothing_and_loses_nothing(
    window: timedelta | None, refusal: type[Refusal]
) -> None:
    replica = Replica(World())

    with pytest.raises(refusal):
        await replica.ask(window=window)

    assert await replica.workflows.load("req-one") is None
    assert (await replica.ask()).state is RequestState.PENDING


@pytest.mark.parametrize(
    ("text", "refusal"),
    [("", JustificationMissing), ("x" * 5_000, JustificationTooLong)],
)
async def test_an_invalid_justification_creates_nothing(text: str, refusal: type[Refusal]) -> None:
    replica = Replica(World())

    with pytest.raises(refusal):
        await replica.ask(justification=text)

    assert await replica.workflows.load("req-one") is None


async def test_an_unreachable_key_vault_is_reported_with_the_correlation_id() -> None:
    world = World()
    world.secrets.faults.order("state", Unavailable("Key Vault", "503"))

    with refusing(ServiceUnavailable, saying="Correlation ID req-one"):
        await Replica(world).ask()


async def test_a_missing_permission_is_distinguished_from_an_outage() -> None:
    world = World()
    world.secrets.faults.order("state", NotPermitted("Key Vault", "403 ForbiddenByRbac"))

    with refusing(BotNotPermitted, saying="req-one") as refused:
        await Replica(world).ask()

    assert "ForbiddenByRbac" not in sentence_of(refused.value)


async def test_requestable_secrets_are_listed_with_their_approvers() -> None:
    offers = await Replica(World()).access.requestable()

    assert [offer.policy.secret for offer in offers] == [SECRET, OTHER_SECRET]
    assert offers[0].approvers == Principals((_person(ADA), _person(BO)))


async def test_an_approval_is_answered_before_azure_is_asked() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()

    request = await replica.approve()

    assert request.state is RequestState.GRANTING
    assert world.assignments.calls == []


async def test_an_approval_costs_one_read_and_one_transaction_before_the_answer() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()
    await replica.settle()
    world.table.forget_counts()

    await replica.approve()

    assert (world.table.reads, world.table.transactions) == (1, 1)


async def test_of_two_approvers_at_once_one_decides_and_the_other_sees_who() -> None:
    world = World()
    replica, other = Replica(world), Replica(world)
    await replica.ask()

    answers = await asyncio.gather(replica.approve(ADA), other.deny(BO), return_exceptions=True)
    await replica.settle()  # granting continues after the answer
    await other.settle()

    (refused,) = [one for one in answers if isinstance(one, AlreadyDecided)]
    kinds = await replica.event_kinds()
    if "approved" in kinds:
        assert "approved by Ada Approver" in sentence_of(refused)
        assert kinds == ["requested", "approved", "granted"]
    else:
        assert "denied by Bo Backup" in sentence_of(refused)
        assert kinds == ["requested", "denied"]


async def test_two_approvers_who_agree_at_once_make_one_grant() -> None:
    world = World()
    replica, other = Replica(world), Replica(world)
    await replica.ask()

    answers = await asyncio.gather(replica.approve(ADA), other.approve(BO), return_exceptions=True)
    await replica.settle()
    await other.settle()

    assert sum(isinstance(answer, AlreadyDecided) for answer in answers) == 1
    assert (await replica.event_kinds()).count("granted") == 1
    assert world.assignments.names() == [ASSIGNMENT.id]


async def test_the_same_click_twice_gets_the_same_answer() -> None:
    replica = Replica(World())
    await replica.ask()

    first = await replica.approve(ADA)
    second = await replica.approve(ADA)

    assert first == second
    assert await replica.event_kinds() == ["requested", "approved"]


async def test_the_same_click_twice_at_once_is_one_approval() -> None:
    world = World(rules=policies(approvers=TWO_APPROVERS, min_approvals=2))
    replica, other = Replica(world), Replica(world)
    await replica.ask()

    first, second = await asyncio.gather(replica.approve(ADA), other.approve(ADA))

    assert first == second
    assert first.state is RequestState.PENDING
    assert await replica.event_kinds() == ["requested", "approved"]


async def test_the_same_click_long_after_still_gets_an_answer() -> None:
    replica = Replica(World())
    await replica.give()
    await replica.pass_time(2 * HOUR)

    late = await replica.approve(ADA)

    assert late.state is RequestState.REVOKED
    assert (await replica.event_kinds()).count("approved") == 1


async def test_the_same_denial_twice_gets_the_same_answer() -> None:
    replica = Replica(World())
    await replica.ask()

    first = await replica.deny(ADA)
    second = await replica.deny(ADA)

    assert first == second
    assert await replica.event_kinds() == ["requested", "denied"]


async def test_an_approver_who_denied_does_not_count_as_having_approved() -> None:
    replica = Replica(World())
    await replica.ask()
    await replica.deny(ADA)

    with refusing(AlreadyDecided, saying="denied by Ada Approver"):
        await replica.approve(ADA)


async def test_a_click_by_someone_who_is_not_an_approver_changes_nothing() -> None:
    replica = Replica(World())
    await replica.ask()

    for click in (replica.approve, replica.deny):
        with refusing(NotAnApprover, saying="Ada Approver, Bo Backup"):
            await click(EVE)

    assert (await replica.request()).state is RequestState.PENDING


async def test_a_click_on_a_request_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnknownRequest):
        await Replica(World()).approve(ADA, "req-unknown")


async def test_two_approvals_are_needed_if_the_policy_requires_two() -> None:
    world = World(rules=policies(approvers=TWO_APPROVERS, min_approvals=2))
    replica = Replica(world)
    await replica.ask()

    await replica.approve(ADA)
    await replica.settle()
    after_one = (await replica.request()).state, world.assignments.names()
    await replica.approve(CY)
    await replica.settle()

    assert after_one == (RequestState.PENDING, [])
    assert (await replica.request()).state is RequestState.ACTIVE
    assert world.assignments.names() == [ASSIGNMENT.id]


async def test_two_approvals_at_once_are_both_counted() -> None:
    world = World(rules=policies(approvers=TWO_APPROVERS, min_approvals=2))
    replica, other = Replica(world), Replica(world)
    await replica.ask()

    await asyncio.gather(replica.approve(ADA), other.approve(BO))
    request = await replica.request()

    assert request.state is RequestState.GRANTING
    assert {approval.approver for approval in request.approvals} == {ADA, BO}


async def test_one_denial_is_enough_even_after_an_approval() -> None:
    replica = Replica(World(rules=policies(approvers=TWO_APPROVERS, min_approvals=2)))
    await replica.ask()

    await replica.approve(ADA)
    request = await replica.deny(BO)

    assert request.state is RequestState.DENIED


LESS = {
    "shorter": RequestLimits(HOUR / 2, given=True, narrowed=False),
    "unreadable": RequestLimits(None, given=True, narrowed=False),
    "narrower": RequestLimits(None, given=False, narrowed=True),
    "one left out": RequestLimits(
        None, given=False, narrowed=False, chosen={SECRET: True, OTHER_SECRET: False}
    ),
}


@pytest.mark.parametrize("less", LESS.values(), ids=LESS)
async def test_who_has_approved_is_told_that_they_cannot_allow_less_now(
    less: RequestLimits,
) -> None:
    replica = Replica(World(rules=policies(approvers=TWO_APPROVERS, min_approvals=2)))
    await replica.ask(secrets=(SECRET, OTHER_SECRET))
    await replica.approve(ADA)

    with pytest.raises(AlreadyApproved):
        await replica.access.approve(ADA, "req-one", less)
    await replica.approve(BO)

    with pytest.raises(AlreadyDecided):
        await replica.access.approve(ADA, "req-one", less)


@pytest.mark.parametrize("name", ["shorter", "narrower", "one left out"])
async def test_a_repeated_approval_of_less_changes_nothing_and_is_not_refused(name: str) -> None:
    replica = Replica(World(rules=policies(approvers=TWO_APPROVERS, min_approvals=2)))
    await replica.ask(secrets=(SECRET, OTHER_SECRET))
    first = await replica.access.approve(ADA, "req-one", LESS[name])

    again = await replica.access.approve(ADA, "req-one", LESS[name])
    await replica.approve(BO)
    decided = await replica.access.approve(ADA, "req-one", LESS[name])

    assert again == first
    assert len(decided.approvals) == 2


async def test_someone_who_approved_can_deny_before_the_others_have_approved() -> None:
    world = World(rules=policies(approvers=TWO_APPROVERS, min_approvals=2))
    replica = Replica(world)
    await replica.ask()
    await replica.approve(ADA)

    denied = await replica.deny(ADA)
    late = await replica.approve(ADA)
    await replica.settle()

    assert denied.state is RequestState.DENIED
    assert late == denied
    assert await replica.event_kinds() == ["requested", "approved", "denied"]
    assert world.assignments.names() == []
    with pytest.raises(AlreadyDecided):
        await replica.approve(BO)


async def test_a_request_no_one_decides_lapses_after_eight_hours() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()

    await replica.pass_time(8 * HOUR - MINUTE)
    before = (await replica.request()).state
    await replica.pass_time(MINUTE)

    assert before is RequestState.PENDING
    assert (await replica.request()).state is RequestState.LAPSED
    assert world.message_sender.sent_to(DANA.object_id) == ["lapsed"]
    with pytest.raises(NoLongerPending):
        await replica.approve()


async def test_time_spent_waiting_for_an_approver_does_not_shorten_the_window() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask(window=HOUR)

    await replica.pass_time(3 * HOUR)
    await replica.approve()
    await replica.settle()

    assert (await replica.request()).granted.expires_at == NINE + 4 * HOUR


async def test_an_approver_who_left_is_not_an_approver_of_new_requests() -> None:
    world = World()
    world.people.disable(_person(BO))
    replica = Replica(world)

    request = await replica.ask()

    assert (_person(ADA),) == request.terms.approvers


async def test_a_directory_that_rejects_an_address_leaves_the_others() -> None:
    world = World()
    world.people.faults.order("find", Rejected("Graph", "400"), times=2)  # Dana, then Ada

    request = await Replica(world).ask()

    assert (_person(BO),) == request.terms.approvers


async def test_a_draft_keeps_the_conversation_it_came_from() -> None:
    replica = Replica(World())

    request = await replica.access.submit(DANA, a_draft(asked_in="19:team@thread.tacv2"))

    assert request.asked_in == "19:team@thread.tacv2"


async def test_an_approver_with_a_disabled_account_cannot_decide() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()
    world.people.disable(in_directory(ADA))

    with pytest.raises(AccountGone):
        await replica.approve()
    assert (await replica.request()).state is RequestState.PENDING


async def test_a_removed_approver_cannot_decide() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()
    world.people.remove(in_directory(ADA))

    with pytest.raises(AccountGone):
        await replica.approve()
    assert (await replica.request()).state is RequestState.PENDING


@pytest.mark.parametrize("answer", ["allow", "refuse"])
async def test_an_approver_with_a_disabled_account_cannot_decide_an_extension(
    answer: str,
) -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    await replica.extensions.ask(DANA, "req-one", HOUR)
    world.people.disable(in_directory(ADA))

    with pytest.raises(AccountGone):
        await getattr(replica.extensions, answer)(ADA, "req-one")
    assert (await replica.event_kinds())[-1] == "extension_asked"
