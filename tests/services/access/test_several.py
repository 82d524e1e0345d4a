"""Several secrets in one request: what can be requested together, and under which rules."""

import asyncio
import json
from typing import Any

import pytest

from cards.reasons.sentences import sentence_of
from domain.access.request import Request, RequestState
from domain.access.rules.policy import JustificationRule
from domain.audit.history import Filter
from domain.refusals.decisions import (
    AlreadyApproved,
    NotAnApprover,
    NothingLeft,
    NotOfThisRequest,
    SelfApproval,
)
from domain.refusals.refusal import Refusal
from domain.refusals.requests import OfSeveral
from services.access.requests import RequestLimits
from services.audit.files.export import Format
from services.audit.history import History
from services.faults import Unavailable
from services.ports import SecretState
from tests.support.builders import (
    ADA,
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
)
from tests.support.clock import NINE
from tests.support.exports import exporter_of
from tests.support.refusing import refusing
from tests.support.replica import Replica, World, a_draft
from tests.support.several import APART, SEVERAL, TARGETS, THIRD, a_world_of_several


async def _ask(world: World, *secrets: str, **draft: Any) -> Request:
    return await Replica(world).ask(secrets=secrets or SEVERAL, **draft)


async def _refused(world: World, *secrets: str, **draft: Any) -> str:
    with pytest.raises(Refusal) as refused:
        await _ask(world, *secrets, **draft)
    return sentence_of(refused.value)


async def test_a_request_covers_all_its_secrets() -> None:
    request = await _ask(a_world_of_several())

    assert request.secrets == SEVERAL
    assert [target.vault for target in request.targets] == [VAULT.name, VAULT.name, APART.name]
    assert [target.exposes for target in request.targets] == [2, 2, 1]
    assert [target.scope for target in request.targets] == [one.scope for one in TARGETS]


async def test_a_repeated_name_is_requested_once() -> None:
    request = await _ask(a_world_of_several(), SECRET, SECRET.upper(), OTHER_SECRET, SECRET)

    assert request.secrets == (SECRET, OTHER_SECRET)


async def test_submitting_again_is_the_same_request() -> None:
    world = a_world_of_several()

    assert await _ask(world) == await _ask(world)


async def test_the_strictest_terms_apply() -> None:
    third = {
        "approvers": (email_of(BO), email_of(CY), email_of(ADA)),
        "min_approvals": 2,
        "longest": HOUR,
        "pending_for": 2 * HOUR,
        "remind_after": 10 * MINUTE,
        "extend_freely": False,
    }
    request = await _ask(a_world_of_several(third, extend_freely=True, remind_after=HOUR))

    assert request.terms.approvers == (in_directory(ADA), in_directory(BO))
    assert (request.terms.min_approvals, request.terms.longest) == (2, HOUR)
    assert not request.terms.extend_freely
    assert (request.lapses_at, request.remind_at) == (NINE + 2 * HOUR, NINE + 10 * MINUTE)


async def test_the_window_is_no_longer_than_each_policy_allows() -> None:
    world = a_world_of_several({"longest": HOUR})

    assert "to 1 hour" in await _refused(world, window=2 * HOUR)


async def test_the_justification_must_satisfy_every_policy() -> None:
    world = a_world_of_several({"justification": JustificationRule(ticket=r"INC\d+", hint="INC1")})

    sentence = await _refused(world)

    assert sentence == "The justification has to name a ticket: INC1."
    assert (await _ask(world, justification="for INC7")).secrets == SEVERAL


@pytest.mark.parametrize(
    ("third", "said"),
    [
        ({"requesters": (email_of(EVE),)}, f"can request {THIRD}"),
        ({"approvers": (email_of(DANA),)}, f"approve access to {THIRD}"),
    ],
)
async def test_the_whole_request_is_refused_if_one_secret_is(
    third: dict[str, Any], said: str
) -> None:
    world = a_world_of_several(third)

    sentence = await _refused(world)

    assert sentence.startswith(f"Nothing was requested because of {THIRD}.")
    assert said in sentence
    assert world.assignments.calls == []


async def test_every_refused_secret_is_named_whatever_the_reason() -> None:
    world = a_world_of_several()
    world.secrets.put(VAULT, OTHER_SECRET, SecretState.DISABLED)

    sentence = await _refused(world, SECRET, "root-password", OTHER_SECRET, "no name")

    assert "because of root-password, no name and app-api-key." in sentence
    assert "root-password can't be requested here" in sentence
    assert "no name: That's not a valid secret name" in sentence
    assert "app-api-key exists in kv-demo, but its current version is disabled" in sentence
    assert SECRET not in sentence


async def test_a_blocked_attempt_is_announced_with_all_requested_secrets() -> None:
    world = a_world_of_several()
    replica = Replica(world)

    sentence = await _refused(world, SECRET, "root-password", "other-password")
    again = await _refused(world, SECRET, "root-password", "other-password")
    await replica.settle()

    blocked = await replica.request()
    assert again == sentence
    assert blocked.state is RequestState.DENIED
    assert blocked.secrets == (SECRET, "root-password", "other-password")
    assert blocked.denial is not None
    assert blocked.denial.refusal is not None
    assert sentence_of(blocked.denial.refusal) == sentence
    assert world.message_sender.audited() == ["blocked"]


async def test_a_blocked_attempt_is_announced_even_if_key_vault_is_down() -> None:
    world = a_world_of_several()
    world.secrets.faults.order("state", Unavailable("Key Vault", "503"), times=9)

    assert "root-password" in await _refused(world, SECRET, "root-password")
    assert "Key Vault isn't responding" in await _refused(world, request_id="req-two")


async def test_a_missing_secret_leaves_no_request() -> None:
    world = a_world_of_several()
    world.secrets.put(APART, THIRD, SecretState.UNKNOWN)

    sentence = await _refused(world)

    assert f"There's no secret named {THIRD} in kv-apart." in sentence
    assert world.table.transactions == 0


async def test_without_a_common_approver_people_are_told_to_ask_separately() -> None:
    world = a_world_of_several({"approvers": (email_of(CY),)})

    sentence = await _refused(world)

    assert sentence == (
        "Not enough people can approve all of demo-api-key, app-api-key and "
        "third-api-key, so no request was made. Ask for them separately."
    )
    assert (await _ask(world, THIRD, request_id="req-two")).secrets == (THIRD,)


async def test_an_approver_of_some_secrets_cannot_decide_the_whole_request() -> None:
    world = a_world_of_several({"approvers": (email_of(ADA),)})
    replica = Replica(world)
    await replica.ask(secrets=SEVERAL)

    with pytest.raises(NotAnApprover):
        await replica.approve(BO)
    assert (await replica.approve(ADA)).state is RequestState.GRANTING


async def test_the_requester_is_not_an_approver_of_any_secret() -> None:
    world = a_world_of_several()
    replica = Replica(world)
    await replica.ask(ADA, secrets=SEVERAL)

    with pytest.raises(SelfApproval):
        await replica.approve(ADA)


async def test_the_number_of_secrets_in_a_request_is_limited() -> None:
    world = a_world_of_several()
    names = [f"key-{number}" for number in range(11)]

    assert await _refused(world, *names) == (
        "One request can be for 10 secrets at most. Ask for the others separately."
    )
    assert world.table.transactions == 0


async def test_an_approver_can_narrow_the_grant_to_the_secrets() -> None:
    replica = Replica(a_world_of_several())
    await replica.ask(secrets=SEVERAL)

    limits = RequestLimits(window=None, given=False, narrowed=True)
    narrowed = await replica.access.approve(ADA, "req-one", limits)

    assert [target.exposes for target in narrowed.targets] == [1, 1, 1]
    assert [one.scope.rpartition("/")[2] for one in narrowed.assignments] == list(SEVERAL)


async def test_break_glass_works_if_every_policy_allows_it() -> None:
    dana = (email_of(DANA),)
    world = a_world_of_several({"break_glass_longest": 10 * MINUTE}, break_glass=dana)
    replica = Replica(world)

    taken = await replica.access.break_glass(DANA, a_draft(secrets=SEVERAL, window=None), [])
    await replica.settle()

    assert (taken.secrets, taken.window) == (SEVERAL, 10 * MINUTE)
    assert (await replica.request()).state is RequestState.ACTIVE


async def test_break_glass_is_refused_if_one_policy_forbids_it() -> None:
    world = a_world_of_several({"break_glass": ()}, break_glass=(email_of(DANA),))
    replica = Replica(world)

    with refusing(OfSeveral, saying=f"break-glass access to {THIRD}"):
        await replica.access.break_glass(DANA, a_draft(secrets=SEVERAL, window=None), [])
    await replica.settle()

    assert world.message_sender.audited() == ["blocked"]


async def test_asking_for_others_works_if_every_policy_allows_it() -> None:
    behalf = (email_of(DANA),)
    world = a_world_of_several(on_behalf=behalf)
    strict = a_world_of_several({"on_behalf": ()}, on_behalf=behalf)

    request = await _ask(world, for_whom=email_of(EVE))

    assert {one.principal_id for one in request.assignments} == {EVE.object_id}
    assert f"You can't request {THIRD}" in await _refused(strict, for_whom=email_of(EVE))


async def test_one_request_counts_once_however_many_secrets_it_names() -> None:
    world = a_world_of_several({"requests_per_hour": 1})

    await _ask(world)

    assert "once in the last hour" in await _refused(world, THIRD, request_id="req-two")


@pytest.mark.parametrize("secret", SEVERAL)
async def test_history_finds_it_by_each_of_its_secrets(secret: str) -> None:
    world = a_world_of_several()
    replica = Replica(world)
    await replica.ask(secrets=SEVERAL)

    history = History(world.table, replica.workflows)
    for wanted in (Filter(secret=secret), Filter(secret=secret, person=DANA.object_id)):
        page = await history.page(wanted, 10)
        assert [head.id for head in page.heads] == ["req-one"]


async def test_an_export_names_all_of_its_secrets_and_vaults() -> None:
    world = a_world_of_several()
    replica = Replica(world)
    await replica.ask(secrets=SEVERAL)

    export = await exporter_of(replica).build(Filter(secret=THIRD), Format.JSON)

    [workflow] = json.loads(export.body)["workflows"]
    assert workflow["secret"] == "demo-api-key, app-api-key, third-api-key"
    assert workflow["vault"] == "kv-demo, kv-apart"


def _only(*secrets: str) -> RequestLimits:
    """Choose these of the three secrets."""
    chosen = {secret: secret in secrets for secret in SEVERAL}
    return RequestLimits(window=None, given=False, narrowed=False, chosen=chosen)


async def test_an_approver_can_leave_a_secret_out() -> None:
    world = a_world_of_several()
    replica = Replica(world)
    await replica.ask(secrets=SEVERAL)

    await replica.access.approve(ADA, "req-one", _only(OTHER_SECRET, THIRD))
    await replica.settle()

    request = await replica.request()
    scopes = {VAULT.secret_scope(OTHER_SECRET), APART.secret_scope(THIRD)}
    assert (request.state, request.secrets) == (RequestState.ACTIVE, (OTHER_SECRET, THIRD))
    assert {facts.assignment.scope for facts in world.assignments.all()} == scopes
    assert set(await world.leases()) == {one.id for one in request.assignments}


async def test_a_repeated_click_leaves_nothing_more_out() -> None:
    replica = Replica(a_world_of_several(min_approvals=2))
    await replica.ask(secrets=SEVERAL)

    first = await replica.access.approve(ADA, "req-one", _only(SECRET, THIRD))
    again = await replica.access.approve(ADA, "req-one", _only(SECRET, THIRD))
    with pytest.raises(AlreadyApproved):
        await replica.access.approve(ADA, "req-one", _only(THIRD))

    assert again == first
    assert await replica.event_kinds() == ["requested", "approved"]


async def test_two_approvers_at_once_leave_out_what_either_of_them_does() -> None:
    replica = Replica(a_world_of_several(min_approvals=2))
    await replica.ask(secrets=SEVERAL)

    await asyncio.gather(
        replica.access.approve(ADA, "req-one", _only(SECRET, THIRD)),
        replica.access.approve(BO, "req-one", _only(OTHER_SECRET, THIRD)),
    )

    request = await replica.request()
    assert request.secrets == (THIRD,)
    assert {(one.target.secret, one.by) for one in request.left_out} == {
        (OTHER_SECRET, ADA),
        (SECRET, BO),
    }


async def test_two_approvers_who_leave_nothing_between_them_are_told() -> None:
    replica = Replica(a_world_of_several(min_approvals=2))
    await replica.ask(secrets=SEVERAL)
    await replica.access.approve(ADA, "req-one", _only(SECRET))

    with refusing(NothingLeft, saying="Deny the request instead"):
        await replica.access.approve(BO, "req-one", _only(OTHER_SECRET, THIRD))

    assert (await replica.request()).state is RequestState.PENDING


async def test_a_secret_that_was_not_requested_cannot_be_chosen() -> None:
    replica = Replica(a_world_of_several())
    await replica.ask(secrets=SEVERAL[:2])

    with refusing(NotOfThisRequest, saying=THIRD):
        await replica.access.approve(ADA, "req-one", _only(*SEVERAL))

    assert (await replica.request()).state is RequestState.PENDING


async def test_who_approves_what_remains_can_decide_it() -> None:
    world = a_world_of_several(
        {"approvers": (email_of(ADA), email_of(BO))},
        approvers=(email_of(ADA), email_of(BO), email_of(CY)),
        min_approvals=2,
    )
    replica = Replica(world)
    await replica.ask(secrets=SEVERAL)

    with pytest.raises(NotAnApprover):
        await replica.approve(CY)
    await replica.access.approve(ADA, "req-one", _only(SECRET, OTHER_SECRET))

    assert (await replica.approve(CY)).state is RequestState.GRANTING


async def test_an_extension_is_about_what_remains() -> None:
    replica = Replica(a_world_of_several())
    await replica.ask(secrets=SEVERAL)
    await replica.access.approve(ADA, "req-one", _only(THIRD))
    await replica.settle()

    await replica.extensions.ask(DANA, "req-one", HOUR)
    extended = await replica.extensions.allow(ADA, "req-one")

    assert (extended.secrets, extended.grant and extended.grant.expires_at) == (
        (THIRD,),
        NINE + 2 * HOUR,
    )


@pytest.mark.parametrize("secret", SEVERAL)
async def test_history_and_export_still_find_it_by_what_was_left_out(secret: str) -> None:
    world = a_world_of_several()
    replica = Replica(world)
    await replica.ask(secrets=SEVERAL)
    await replica.access.approve(ADA, "req-one", _only(SECRET))
    await replica.settle()

    export = await exporter_of(replica).build(
        Filter(secret=secret, person=ADA.object_id), Format.JSON
    )

    [workflow] = json.loads(export.body)["workflows"]
    assert workflow["secret"] == "demo-api-key, app-api-key, third-api-key"
    assert workflow["left_out"] == "app-api-key, third-api-key"
    assert workflow["vault"] == "kv-demo, kv-apart"
