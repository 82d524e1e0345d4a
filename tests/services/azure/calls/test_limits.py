"""Concurrency limits and circuit breakers of dependencies."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import aiohttp
import pytest

from domain.access.assignment import Assignment
from domain.backoff import backoff
from domain.rotation.schedule import ScheduledRotation, ScheduleState
from domain.secrets import Vault
from domain.workflow import Change, Done, Move, Wait
from sandbox.faults import Action
from sandbox.faults import InjectedFault as Ordered
from sandbox.roles import KEY_VAULT_SECRETS_USER
from sandbox.seed import BOT, DANA, VAULT
from services.azure.authorization.assignments import ArmAssignments
from services.azure.calls.limits import (
    AT_ONCE,
    FAILURES,
    OPEN_FOR,
    Breaker,
    CallLimits,
    dependency_of,
)
from services.azure.calls.pipeline import LONGEST_WAIT_SECONDS, Pipeline, open_pipeline
from services.azure.key_vault.secrets import KeyVaultSecrets
from services.clock import Clock
from services.faults import Fault, Unavailable
from services.workflow.engine import Kind
from services.workflow.lanes import Lane, in_lane
from tests.services.azure.conftest import ALWAYS, answering
from tests.services.workflow.test_lanes import SlowWorld
from tests.support.builders import SECOND
from tests.support.clock import NINE, ManualClock
from tests.support.processes import virtual_time
from tests.support.processes.process import until
from tests.support.replica import Replica
from tests.support.sandbox import Sandbox

ARM = "https://management.azure.com/subscriptions/s/resourceGroups/g/providers"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://kv-demo.vault.azure.net/secrets/x?api-version=7.4", "kv-demo.vault.azure.net"),
        (f"{ARM}/Microsoft.Web/sites/App-One/config/appsettings/list", "app-one"),
        (f"{ARM}/Microsoft.Web/sites/app-one/slots/staging/restart", "app-one"),
        (f"{ARM}/Microsoft.Storage/storageAccounts/stdemo/listKeys", "stdemo"),
        (
            f"{ARM}/Microsoft.KeyVault/vaults/kv/providers/Microsoft.Authorization/locks",
            "management.azure.com",
        ),
        ("https://graph.microsoft.com/v1.0/users/x", "graph.microsoft.com"),
    ],
)
def test_a_dependency_is_anything_that_can_fail_alone(url: str, name: str) -> None:
    assert dependency_of(url) == name


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


async def _fail(limits: CallLimits, name: str = "kv", times: int = 1) -> None:
    for _ in range(times):
        async with limits.call(name) as outcome:
            outcome.answered(503)


async def _succeed(limits: CallLimits, name: str = "kv", status: int = 200) -> None:
    async with limits.call(name) as outcome:
        outcome.answered(status)


async def test_cutting_short_ends_the_calls_under_way_and_sends_nothing_more(
    clock: ManualClock,
) -> None:
    limits, begun = CallLimits(clock), asyncio.Event()

    async def hang() -> None:
        async with limits.call("kv"):
            begun.set()
            await asyncio.Event().wait()

    hanging = asyncio.create_task(hang())
    await begun.wait()
    limits.cut_short()

    with pytest.raises(TimeoutError):
        await hanging
    with pytest.raises(Unavailable, match="request not sent: Latchkey is stopping") as caught:
        await _succeed(limits)
    assert not caught.value.outcome_unknown


async def test_a_change_that_was_cut_short_may_still_be_carried_out(
    sandbox: Sandbox, clock: ManualClock
) -> None:
    limits = CallLimits(clock)
    sandbox.break_next(Ordered("DELETE", re.compile("/"), Action.HANG))
    scope = sandbox.seed.vault_scope(VAULT)
    assignment = Assignment(scope, DANA.id, KEY_VAULT_SECRETS_USER.guid)
    azure = _assignments(sandbox, Pipeline(sandbox.session, limits))

    deleting = asyncio.create_task(azure.delete(assignment))
    await until(lambda: sandbox.log != [], 5)
    limits.cut_short()

    with pytest.raises(Unavailable) as caught:
        await deleting
    assert caught.value.outcome_unknown


async def test_nothing_is_sent_to_a_dependency_that_keeps_failing(clock: ManualClock) -> None:
    limits = CallLimits(clock)
    await _fail(limits, times=FAILURES)

    with pytest.raises(Unavailable, match="request not sent: it keeps failing") as caught:
        await _succeed(limits)

    assert not caught.value.outcome_unknown
    assert caught.value.retry_after == OPEN_FOR


@pytest.mark.parametrize("status", [200, 404, 409, 403, 429])
async def test_an_answer_in_between_resets_the_count(clock: ManualClock, status: int) -> None:
    limits = CallLimits(clock)
    await _fail(limits, times=FAILURES - 1)
    await _succeed(limits, status=status)
    await _fail(limits, times=FAILURES - 1)

    await _succeed(limits)


async def test_no_answer_at_all_counts_as_a_failure(clock: ManualClock) -> None:
    limits = CallLimits(clock)
    for _ in range(FAILURES):
        with pytest.raises(aiohttp.ClientError):
            async with limits.call("kv"):
                raise aiohttp.ClientError

    with pytest.raises(Unavailable, match="it keeps failing"):
        await _succeed(limits)


async def test_an_open_breaker_affects_only_its_dependency(clock: ManualClock) -> None:
    limits = CallLimits(clock)
    await _fail(limits, "kv-failing", times=FAILURES)

    await _succeed(limits, "kv-well")


async def test_access_is_ended_while_the_breaker_is_open(clock: ManualClock) -> None:
    limits = CallLimits(clock)
    await _fail(limits, times=FAILURES)

    with in_lane(Lane.ENDING):
        await _succeed(limits)

    await _succeed(limits)  # an answer closes the breaker


def test_an_open_breaker_lets_through_one_call_at_a_time(clock: ManualClock) -> None:
    breaker = Breaker(clock)
    for _ in range(FAILURES):
        breaker.note(is_answer=False)
    closed = breaker.admit()
    clock.advance(OPEN_FOR)
    asked = [breaker.admit(), breaker.admit()]
    breaker.note(is_answer=False)
    again = breaker.admit()
    clock.advance(OPEN_FOR)
    once_more = breaker.admit()
    breaker.note(is_answer=True)

    assert not closed
    assert asked == [True, False]
    assert (again, once_more) == (False, True)
    assert breaker.admit()
    assert not breaker.is_open


def test_a_clock_that_is_set_back_keeps_no_breaker_open(clock: ManualClock) -> None:
    breaker = Breaker(clock)
    for _ in range(FAILURES):
        breaker.note(is_answer=False)
    clock.now = NINE - timedelta(hours=1)

    assert breaker.admit()


async def _hang(limits: CallLimits, lane: Lane, name: str = "kv") -> None:
    with in_lane(lane):
        async with limits.call(name):
            await asyncio.Event().wait()


@pytest.mark.parametrize("lane", [Lane.GIVING, Lane.ROTATION, Lane.REST])
def test_hanging_calls_take_only_places_of_their_own_lane_and_dependency(lane: Lane) -> None:
    async def main() -> tuple[float, float]:
        limits = CallLimits(ManualClock())
        loop = asyncio.get_running_loop()
        hanging = [asyncio.create_task(_hang(limits, lane)) for _ in range(160)]
        await asyncio.sleep(3)
        begun = loop.time()
        with in_lane(Lane.ENDING):
            await _succeed(limits)
        with in_lane(lane):
            await _succeed(limits, "kv-well")
        others = loop.time() - begun
        with in_lane(lane), pytest.raises(Unavailable, match="too many") as caught:
            await _succeed(limits)
        for task in hanging:
            task.cancel()
        results = await asyncio.gather(*hanging, return_exceptions=True)

        assert sum(isinstance(one, asyncio.CancelledError) for one in results) == AT_ONCE[lane]
        assert not caught.value.outcome_unknown
        return others, loop.time() - begun

    others, refused = virtual_time.run(main())

    assert others == 0
    assert refused == 0  # without any answer for a while, calls don't wait for a place


def test_a_call_waits_for_a_busy_dependency_that_answers() -> None:
    async def main() -> int:
        limits = CallLimits(ManualClock())
        done = 0

        async def ask() -> None:
            nonlocal done
            with in_lane(Lane.ROTATION):
                async with limits.call("kv"):
                    await asyncio.sleep(0.2)
            done += 1

        await asyncio.gather(*(ask() for _ in range(8 * AT_ONCE[Lane.ROTATION])))
        return done

    assert virtual_time.run(main()) == 8 * AT_ONCE[Lane.ROTATION]


def test_a_call_cancelled_late_counts_as_a_failure_and_one_cancelled_early_does_not() -> None:
    async def cut_off(after: float) -> bool:
        limits = CallLimits(ManualClock())
        for _ in range(FAILURES):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(after), limits.call("kv"):
                    await asyncio.Event().wait()
        try:
            await _succeed(limits)
        except Unavailable:
            return True
        return False

    async def main() -> tuple[bool, bool]:
        return await cut_off(15), await cut_off(0.5)

    assert virtual_time.run(main()) == (True, False)


class Asking(Kind[ScheduledRotation]):
    """A kind of workflow that calls a vault once; one vault hangs, the other answers."""

    def __init__(self, limits: CallLimits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self.answered: dict[str, datetime] = {}

    def next_move(self, head: ScheduledRotation, now: datetime) -> Move[str] | Wait | Done:
        if head.state is ScheduleState.ENDED:
            return Done()
        due = head.retry_at or head.check_at
        return Move("ask") if now >= due else Wait(due)

    def lane(self, effect: str) -> Lane:
        return Lane.ROTATION

    def ends_at(self, head: ScheduledRotation) -> datetime | None:
        return None

    async def perform(self, effect: str, head: ScheduledRotation) -> Change[ScheduledRotation]:
        async with self._limits.call(head.secret):
            await (asyncio.Event().wait() if head.secret == "kv-failing" else asyncio.sleep(0.1))
        self.answered[head.id] = self._clock()
        return Change(replace(head, state=ScheduleState.ENDED))

    def fail(self, effect: str, head: ScheduledRotation, fault: Fault) -> Change[ScheduledRotation]:
        attempt = head.attempt + 1
        wait = fault.retry_after if isinstance(fault, Unavailable) else None
        retry_at = self._clock() + backoff(attempt, 0.5, wait)
        return Change(replace(head, attempt=attempt, retry_at=retry_at))


def test_a_failing_vault_does_not_slow_down_another() -> None:
    async def main() -> list[float]:
        world = SlowWorld()
        replica = Replica(world)
        kind = Asking(CallLimits(replica.clock), replica.clock)
        replica.engine.register(ScheduledRotation, kind)
        begin = replica.clock() + timedelta(seconds=30)
        due: dict[str, datetime] = {}
        for number in range(240):
            fails = number % 3 != 0
            head = ScheduledRotation(
                id=f"sch-{number:08d}",
                state=ScheduleState.WAITING,
                secret="kv-failing" if fails else "kv-well",
                cron="",
                timezone="",
                next_run=None,
                run_at=None,
                check_at=begin if fails else begin + number * 0.5 * SECOND,
            )
            if not fails:
                due[head.id] = head.check_at
            await replica.engine.open(Change(head))
        working = asyncio.create_task(replica.worker.run())
        await asyncio.sleep(240)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        return sorted((kind.answered[one] - at).total_seconds() for one, at in due.items())

    late = virtual_time.run(main())

    assert len(late) == 80
    assert late[len(late) // 2] < 0.5
    assert late[-1] < 3  # those that are due in the two seconds until the vault counts as hanging


@pytest.fixture
async def limited(
    sandbox: Sandbox, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Pipeline]:
    """A pipeline with limits, whose retries don't wait."""
    monkeypatch.setenv("SSL_CERT_FILE", str(sandbox.endpoints.ca_file))

    async def at_once(seconds: float) -> None:
        assert seconds <= LONGEST_WAIT_SECONDS

    async with open_pipeline(CallLimits(clock)) as pipeline:
        monkeypatch.setattr(pipeline.transport, "sleep", at_once)
        yield pipeline


def _assignments(sandbox: Sandbox, pipeline: Pipeline) -> ArmAssignments:
    return ArmAssignments(
        sandbox.credential(BOT.id),
        pipeline,
        endpoint=sandbox.base_url,
        token_scope=f"{sandbox.base_url}/.default",
    )


async def test_requests_to_a_service_that_answers_500_soon_stop(
    sandbox: Sandbox, limited: Pipeline, vault: Vault, clock: ManualClock
) -> None:
    secrets = KeyVaultSecrets(sandbox.credential(BOT.id), limited)
    await secrets.names(vault)
    sandbox.break_next(answering(500, "InternalServerError"))
    for _ in range(FAILURES):
        with pytest.raises(Unavailable):
            await secrets.names(vault)
    asked = len(sandbox.log)
    with pytest.raises(Unavailable, match="request not sent") as caught:
        await secrets.names(vault)
    unasked = len(sandbox.log)
    sandbox.state.faults.clear()
    clock.advance(OPEN_FOR)

    found = await secrets.names(vault)

    assert asked == unasked
    assert caught.value.service == "Key Vault"
    assert "localhost" in caught.value.cause
    assert found


async def test_160_hanging_puts_do_not_delay_a_deletion(
    sandbox: Sandbox, limited: Pipeline
) -> None:
    assignments = _assignments(sandbox, limited)
    scope = sandbox.seed.vault_scope(VAULT)
    wanted = Assignment(scope, DANA.id, KEY_VAULT_SECRETS_USER.guid)
    await assignments.create(wanted, "Latchkey AR-1")
    hang = Ordered("PUT", re.compile("roleAssignments"), action=Action.HANG, times=ALWAYS)
    sandbox.break_next(hang)

    async def grant(number: int) -> None:
        other = Assignment(f"{scope}/secrets/s{number}", DANA.id, KEY_VAULT_SECRETS_USER.guid)
        with in_lane(Lane.GIVING):
            await assignments.create(other, "Latchkey AR-2")

    hanging = [asyncio.create_task(grant(number)) for number in range(160)]
    await asyncio.sleep(0.2)
    async with asyncio.timeout(5):
        with in_lane(Lane.ENDING):
            deleted = await assignments.delete(wanted)
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)
    await assignments.close()

    assert deleted
