"""Sign-ins that confirm an act, whatever instant the bot dies at."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from domain.access.request import RequestState
from domain.access.rules.step_up_rule import StepUpRule
from domain.refusals.sign_ins import SignedInAsSomeoneElse, SignInDeclined, SignInUsed, StepUpNeeded
from services.access.requests import RequestLimits
from services.access.sign_in.fresh_sign_ins import BrowserAnswer, FreshSignIns, StartedSignIn
from services.access.sign_in.held_acts import (
    HeldAct,
    HeldActs,
    HeldApproval,
    HeldBreakGlass,
    HeldExtension,
    HeldRequest,
    read_act,
    write_act,
)
from services.access.sign_in.refused_sign_ins import RefusedSignIns
from services.access.sign_in.sign_in_provider import IdToken, SignInPage
from services.access.sign_in.sign_in_rows import SignInRows, StoredSignIn
from tests.support.builders import (
    ADA,
    DANA,
    EVE,
    HOUR,
    MINUTE,
    TENANT,
    email_of,
    in_directory,
    policies,
)
from tests.support.replica import Replica, World, a_draft
from tests.support.tables.crashing_table import Crash, CrashingTable, Killed, When

CLIENT = "0b9f3ab1-6f5e-4a59-9a4b-1f0c3a4d5e6f"
ISSUER = "https://entra.example"
ACT = HeldApproval("req-one", RequestLimits(HOUR / 2, given=True, narrowed=False))
NEEDED = StepUpNeeded((), 5 * MINUTE)


class FakeEntra:
    """Signs Ada in, right now."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.redeemed = 0

    async def begin(
        self, state: str, contexts: Sequence[str], max_age: timedelta, login_hint: str
    ) -> SignInPage:
        return SignInPage(f"{ISSUER}/?state={state}", {"code_verifier": "v"})

    async def redeem(self, memory: Mapping[str, Any], answer: Mapping[str, str]) -> IdToken:
        self.redeemed += 1
        now = int(self._world.clock().timestamp())
        claims = {
            "iss": ISSUER,
            "tid": TENANT,
            "aud": CLIENT,
            "oid": ADA.object_id,
            "exp": now + 60,
            "auth_time": now,
        }
        return IdToken(claims, ISSUER)

    async def check(self) -> None:
        """Accept everything."""


class SlowRows(SignInRows):
    """Rows of which one is read just before somebody else uses it up."""

    def __init__(self, world: World, read: StoredSignIn) -> None:
        super().__init__(world.table)
        self._read_before = read

    async def find_by_state(self, state: str) -> StoredSignIn | None:
        return self._read_before


def a_world() -> World:
    return World(rules=policies(step_up=StepUpRule(required=True)))


def refused_sign_ins_of(replica: Replica) -> RefusedSignIns:
    core = replica.core
    return RefusedSignIns(
        core.workflows,
        core.engine,
        core.policies,
        replica.offers,
        core.clock,
        core.advance_soon,
    )


def sign_ins_of(replica: Replica, entra: FakeEntra, rows: SignInRows | None = None) -> FreshSignIns:
    core = replica.core
    return FreshSignIns(
        rows or SignInRows(CrashingTable(replica.world.table, replica.crash)),
        entra,
        HeldActs(replica.access, replica.extensions, core.admins),
        refused_sign_ins_of(replica),
        core.workflows,
        core.directory,
        core.clock,
        token_urlsafe,
        public_url="https://latchkey.contoso.com",
        tenant_id=TENANT,
        client_id=CLIENT,
    )


async def started(sign_ins: FreshSignIns) -> tuple[StartedSignIn, BrowserAnswer]:
    """Click Approve and open the link; return what the browser has, and Entra's answer."""
    asked = await sign_ins.ask(ADA, ACT, NEEDED)
    begun = await sign_ins.start(_parameter(asked.url, "id"))
    return begun, BrowserAnswer(_parameter(begun.url, "state"), "code")


async def confirm(replica: Replica, entra: FakeEntra) -> None:
    """Do all of it: the click, the browser, and the way back."""
    sign_ins = sign_ins_of(replica, entra)
    begun, answer = await started(sign_ins)
    await sign_ins.finish(answer, begun.browser_key)


def _parameter(url: str, name: str) -> str:
    return parse_qs(urlsplit(url).query)[name][0]


async def crash_points() -> int:
    """Count the writes of a whole confirmation."""
    world = a_world()
    await Replica(world).ask()
    replica = Replica(world)
    await confirm(replica, FakeEntra(world))
    return replica.crash.points


@pytest.mark.parametrize("when", When)
async def test_whatever_instant_the_bot_dies_at_the_approver_can_do_it_again(when: When) -> None:
    points = await crash_points()
    for at in range(1, points + 1):
        world = a_world()
        entra = FakeEntra(world)
        await Replica(world).ask()
        with pytest.raises(Killed):
            await confirm(Replica(world, Crash(at, when)), entra)
        replica = Replica(world)
        if (await replica.request()).state is RequestState.PENDING:
            await confirm(replica, entra)
        await replica.pass_time(MINUTE)

        assert (await replica.event_kinds()).count("approved") == 1
        assert (await replica.request()).state is RequestState.ACTIVE
        assert (await replica.request()).window == HOUR / 2
    assert points >= 4


async def test_an_answer_redeems_its_code_once_on_whatever_replica() -> None:
    world = a_world()
    entra = FakeEntra(world)
    await Replica(world).ask()
    begun, answer = await started(sign_ins_of(Replica(world), entra))
    await sign_ins_of(Replica(world), entra).finish(answer, begun.browser_key)

    with pytest.raises(SignInUsed):
        await sign_ins_of(Replica(world), entra).finish(answer, begun.browser_key)
    assert entra.redeemed == 1


async def test_of_two_answers_at_once_one_redeems_the_code() -> None:
    world = a_world()
    entra = FakeEntra(world)
    await Replica(world).ask()
    begun, answer = await started(sign_ins_of(Replica(world), entra))
    read = await SignInRows(world.table).find_by_state(answer.state)
    assert read
    late = sign_ins_of(Replica(world), entra, SlowRows(world, read))
    await sign_ins_of(Replica(world), entra).finish(answer, begun.browser_key)

    with pytest.raises(SignInUsed):
        await late.finish(answer, begun.browser_key)
    assert entra.redeemed == 1


async def test_a_request_that_was_not_confirmed_can_still_be_sent() -> None:
    world = a_world()
    replica, entra = Replica(world), FakeEntra(world)
    sign_ins = sign_ins_of(replica, entra)
    asked = await sign_ins.ask(DANA, HeldRequest(a_draft()), NEEDED)
    begun = await sign_ins.start(_parameter(asked.url, "id"))
    answer = BrowserAnswer(_parameter(begun.url, "state"), "code")
    with pytest.raises(SignedInAsSomeoneElse):
        await sign_ins.finish(answer, begun.browser_key)

    assert (await replica.ask()).state is RequestState.PENDING


async def test_a_request_that_was_not_confirmed_is_recorded_with_whom_it_was_for() -> None:
    replica = Replica(a_world())
    act = HeldRequest(a_draft(for_whom=email_of(EVE)))
    await refused_sign_ins_of(replica).record(DANA, act, SignInDeclined(), "req-two")

    assert (await replica.request("req-two")).beneficiary == in_directory(EVE)


async def test_old_sign_ins_are_removed_fifty_at_a_time() -> None:
    world = a_world()
    await Replica(world).ask()
    sign_ins = sign_ins_of(Replica(world), FakeEntra(world))
    for _ in range(60):
        await sign_ins.ask(ADA, ACT, NEEDED)
    world.clock.advance(minutes=6)
    left = []
    for _ in range(3):
        await sign_ins.ask(ADA, ACT, NEEDED)
        left.append(len(await world.table.range("sign-ins", "", "~")))

    assert left == [11, 2, 3]


@pytest.mark.parametrize(
    "act",
    [
        ACT,
        HeldApproval("req-one"),
        HeldApproval("req-one", RequestLimits(None, False, True, {"a": True, "b": False})),
        HeldExtension("req-one", "source"),
        HeldRequest(a_draft()),
        HeldBreakGlass(a_draft(window=None, for_whom=DANA.object_id)),
    ],
)
def test_what_is_held_comes_out_of_the_table_as_it_went_in(act: HeldAct) -> None:
    assert read_act(write_act(act)) == act
