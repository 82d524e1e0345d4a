"""What the end of a grant says if the secret is still readable."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from cards.access.event_card import audit_card, audit_summary, requester_card, requester_summary
from cards.access.messages.audit_messages import audit_message
from cards.access.request_card import request_card
from cards.kit.elements import Content
from cards.kit.sentences import plain_text
from domain.access.request import Request, RequestState
from domain.access.rules.policy import ScopeKind
from domain.access.target import StandingPermission
from domain.policies.rule import Rule
from domain.workflow import Event
from services.faults import Fault, NotPermitted, Unavailable
from services.policies import Policies
from tests.cards.reading_cards import whole_text
from tests.support.builders import (
    ASSIGNMENT,
    DANA,
    EVE,
    HOUR,
    OTHER_SECRET,
    ROLE,
    SECRET,
    VAULT,
    a_policy,
    email_of,
    policies,
)
from tests.support.replica import Replica, World

GROUP = VAULT.resource_id.partition("/providers/")[0]
SOMEBODY_ELSES = str(UUID(int=7))


async def ended_first(replica: Replica, **other: Any) -> str:
    """Let the first of Dana's two grants end; return the message she gets."""
    await replica.give(request_id="req-one", window=HOUR)
    await replica.give(request_id="req-two", window=2 * HOUR, **other)
    await replica.pass_time(HOUR)
    events = await replica.events()
    assert (await replica.request()).state is RequestState.REVOKED
    return requester_summary(await replica.request(), events[-1])


async def test_the_end_of_one_of_two_grants_says_until_when_the_secret_can_be_read() -> None:
    replica = Replica(World())

    told = await ended_first(replica)

    assert "You can still read demo-api-key until 2 Mar 2026, 11:00 UTC" in told
    assert "is over" not in told
    audited = audit_summary(await replica.request(), (await replica.events())[-1])
    assert "They can still read demo-api-key until" in audited


async def test_of_two_secrets_the_earlier_end_of_other_grants_counts() -> None:
    first = a_policy(scope_kind=ScopeKind.SECRET)
    second = a_policy(scope_kind=ScopeKind.SECRET, secret=OTHER_SECRET)
    rules = Policies(first, (Rule(SECRET, first), Rule(OTHER_SECRET, second)))
    replica = Replica(World(rules=rules))
    await replica.give(request_id="req-one", window=HOUR, secrets=(SECRET, OTHER_SECRET))
    await replica.give(request_id="req-two", window=2 * HOUR, secret=SECRET)
    await replica.give(request_id="req-three", window=3 * HOUR, secret=OTHER_SECRET)
    await replica.pass_time(HOUR)

    request, last = await replica.request(), (await replica.events())[-1]
    told = requester_summary(request, last)
    audited = plain_text(audit_message(request, last).sentence)

    assert "All of its 2 role assignments stay for now" in audited
    assert "at least until 2 Mar 2026, 11:00 UTC, because other grants of yours last" in told


async def test_another_assignment_that_opens_the_secret_counts_too() -> None:
    alone = a_policy(scope_kind=ScopeKind.SECRET)
    wide = a_policy(secret=OTHER_SECRET)
    rules = Policies(alone, (Rule(SECRET, alone), Rule(OTHER_SECRET, wide)))

    replica = Replica(World(rules=rules))
    told = await ended_first(replica, secret=OTHER_SECRET)

    last = (await replica.events())[-1]
    audited = plain_text(audit_message(await replica.request(), last).sentence)
    assert "You can still read demo-api-key until" in told
    assert audited.endswith("The role assignment is deleted, and Azure confirms it.")


async def test_a_grant_on_another_secret_or_for_someone_else_changes_nothing() -> None:
    alone = a_policy(scope_kind=ScopeKind.SECRET)
    other = a_policy(scope_kind=ScopeKind.SECRET, secret=OTHER_SECRET)
    rules = Policies(alone, (Rule(SECRET, alone), Rule(OTHER_SECRET, other)))
    replica = Replica(World(rules=rules))
    await replica.give(EVE, request_id="req-eve", window=2 * HOUR)

    told = await ended_first(replica, secret=OTHER_SECRET)

    assert "has ended" in told
    assert "still read" not in told


async def two_grants(**other: Any) -> Replica:
    """Give Dana two grants that open the secret, one for longer than the other."""
    alone, wide = a_policy(scope_kind=ScopeKind.SECRET), a_policy(secret=OTHER_SECRET)
    replica = Replica(World(rules=Policies(alone, (Rule(SECRET, alone), Rule(OTHER_SECRET, wide)))))
    await replica.give(request_id="req-one", window=HOUR)
    await replica.give(request_id="req-two", window=2 * HOUR, **other)
    return replica


def audited_end(request: Request, events: Sequence[Event]) -> str:
    return plain_text(audit_message(request, events[-1]).sentence)


async def test_no_access_is_claimed_by_a_shared_assignment_that_someone_else_removed() -> None:
    replica = await two_grants()
    [shared] = replica.world.assignments.all()
    replica.world.assignments.forget(shared.assignment.scope, shared.assignment.id)
    await replica.pass_time(HOUR)

    request, events = await replica.request(), await replica.events()
    told, audited = requester_summary(request, events[-1]), audited_end(request, events)

    assert request.state is RequestState.REVOKED
    for said in (told, audited):
        assert "still read" not in said
        assert "stays for now" not in said
    assert "already gone, although another grant still needs it" in audited


async def test_no_access_is_claimed_by_another_assignment_that_someone_else_removed() -> None:
    replica = await two_grants(secret=OTHER_SECRET)
    replica.world.assignments.forget(VAULT.resource_id, ASSIGNMENT.id)
    await replica.pass_time(HOUR)

    request, events = await replica.request(), await replica.events()

    assert "still read" not in requester_summary(request, events[-1])
    assert "is deleted, and Azure confirms it" in audited_end(request, events)


async def test_while_azure_does_not_say_whether_it_is_gone_another_grant_counts() -> None:
    replica = await two_grants()
    replica.world.assignments.faults.order("read", Unavailable("Azure", "503"), times=100)
    await replica.pass_time(HOUR)

    request, events = await replica.request(), await replica.events()

    assert "You can still read demo-api-key until" in requester_summary(request, events[-1])
    assert "The role assignment stays for now" in audited_end(request, events)


async def test_the_last_grant_simply_ends() -> None:
    replica = Replica(World())
    await ended_first(replica)

    await replica.pass_time(2 * HOUR)

    last = (await replica.events("req-two"))[-1]
    assert "still_until" not in last.facts
    assert replica.world.assignments.all() == []


async def test_the_grantees_standing_access_is_on_the_approvers_card() -> None:
    world = World()
    world.assignments.plant(replace(ASSIGNMENT, scope=GROUP), SOMEBODY_ELSES)

    request = await Replica(world).ask()

    assert request.standing == (StandingPermission(SECRET, ROLE, GROUP),)
    card = json.dumps(request_card(request, buttons=True))
    assert " can already read this: " in card
    assert "Key Vault Secrets User on the resource group rg-demo" in card


@pytest.mark.parametrize("fault", [Unavailable("Azure", "503"), NotPermitted("Azure", "403")])
async def test_unknown_standing_access_blocks_no_one_from_asking(fault: Fault) -> None:
    world = World()
    world.assignments.plant(replace(ASSIGNMENT, scope=GROUP), SOMEBODY_ELSES)
    world.standing.faults.order("of", fault)

    request = await Replica(world).ask()

    assert (request.state, request.standing) == (RequestState.PENDING, ())


async def test_with_standing_access_no_one_is_told_that_access_ended() -> None:
    world = World()
    world.assignments.plant(replace(ASSIGNMENT, scope=GROUP), SOMEBODY_ELSES)
    replica = Replica(world)
    await replica.give()

    await replica.pass_time(HOUR)

    told = requester_summary(await replica.request(), (await replica.events())[-1])
    assert "You can still read demo-api-key, because of Key Vault Secrets User on" in told
    assert "is over" not in told
    assert "They can still read demo-api-key" in audit_summary(
        await replica.request(), (await replica.events())[-1]
    )


async def test_unknown_standing_access_delays_no_revocation_and_is_said() -> None:
    replica = Replica(World())
    await replica.give()
    replica.world.standing.faults.order("of", Unavailable("Azure", "503"), times=10)

    await replica.pass_time(HOUR)

    request, [*_, event] = await replica.request(), await replica.events()
    assert request.state is RequestState.REVOKED
    assert replica.world.assignments.all() == []
    told = _words(requester_card(request, event))
    audited = _words(audit_card(request, event, 4))
    assert "couldn't find out whether you can still read demo-api-key in another way" in told
    assert "couldn't find out whether they can still read demo-api-key in another way" in audited
    for seen in (told, audited):
        assert "access to demo-api-key" not in seen
        assert "The role assignment is deleted, and Azure confirms it." in seen


async def test_a_grantee_without_other_access_reads_that_access_ended() -> None:
    replica = Replica(World())
    await replica.give()

    await replica.pass_time(HOUR)

    request, [*_, event] = await replica.request(), await replica.events()
    assert requester_summary(request, event).startswith("Access ended: Your access to demo-api-key")
    assert "couldn't find out" not in _words(requester_card(request, event))


async def test_who_asked_for_a_colleague_reads_that_it_is_not_known_what_they_can_read() -> None:
    replica = Replica(World(rules=policies(on_behalf=(email_of(DANA),))))
    await replica.give(for_whom=email_of(EVE))
    replica.world.standing.faults.order("of", Unavailable("Azure", "503"), times=10)

    await replica.pass_time(HOUR)

    request, [*_, event] = await replica.request(), await replica.events()
    told = _words(requester_card(request, event))
    assert "couldn't find out whether Eve Engineer can still read demo-api-key" in told


def _words(card: Content) -> str:
    return " ".join(whole_text(card).split())
