"""Who read which secret, according to the vaults' log: in the fake, and in Log Analytics."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.access.reads import LogSpan, Read, SecretOfVault, guid_in
from sandbox import roles
from sandbox.calls import Reply
from sandbox.faults import InjectedFault
from sandbox.seed import (
    APP_API_KEY,
    APP_IDENTITY,
    BOT,
    DANA,
    DEMO_API_KEY,
    OLD_API_KEY,
    ROBIN,
    VAULT,
    WORKSPACE_ID,
    Right,
    default_seed,
)
from services.access.reads.read_log import ReadLog
from services.azure.calls.pipeline import Pipeline
from services.azure.read_log import HEARD, READERS, READS, LogAnalyticsReadLog
from services.faults import NotPermitted, Rejected, Unavailable
from tests.services.azure.conftest import answering
from tests.support.clock import ManualClock
from tests.support.fake_read_log import FakeReadLog
from tests.support.sandbox import Sandbox, running_sandbox

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = LogSpan(START, START + timedelta(hours=1))
VAULT_ID = default_seed().vault_scope(VAULT)
DEMO = SecretOfVault(VAULT_ID, DEMO_API_KEY)
APP = SecretOfVault(VAULT_ID, APP_API_KEY)

# As in Azure Monitor's reference, "AZKVAuditLogs" and "AzureDiagnostics"; the columns of the second
# that end in a type are those that Key Vault's lines add.
COLUMNS = {
    *("TimeGenerated", "_ResourceId", "OperationName", "HttpStatusCode", "Id", "Identity"),
    *("AppliedAssignmentId", "ResourceProvider", "Category"),
}


@dataclass(frozen=True)
class LogOfVaults:
    """One log, with people who read secrets."""

    log: ReadLog
    clock: ManualClock
    read: Callable[[str, SecretOfVault], Awaitable[str]]
    """Reads a secret as a principal, and returns the version that was read."""
    read_metadata: Callable[[], Awaitable[None]]
    delay: Callable[[timedelta], None]

    back_up: Callable[[str, SecretOfVault], Awaitable[None]]

    async def reads(self, *callers: str, most: int = 10, span: LogSpan = HOUR) -> list[Read]:
        return list((await self.log.reads((DEMO, APP), callers, span, most)).reads)


def the_fake() -> LogOfVaults:
    clock = ManualClock(START)
    log = FakeReadLog(clock)

    async def read(principal: str, place: SecretOfVault) -> str:
        application = "" if principal in (DANA.id, ROBIN.id) else APP_IDENTITY.client_id
        version = f"{place.secret}-version"
        role = f"{VAULT_ID}/providers/Microsoft.Authorization/roleAssignments/{principal}"
        log.note(
            Read(at=clock(), place=place, version=version, caller=principal, assignment=role),
            application,
        )
        return version

    async def back_up(principal: str, place: SecretOfVault) -> None:
        log.note(
            Read(at=clock(), place=place, version="", caller=principal, operation="SecretBackup")
        )

    async def read_metadata() -> None:
        log.hear(VAULT_ID, clock())

    def delay(by: timedelta) -> None:
        log.delay = by

    return LogOfVaults(log, clock, read, read_metadata, delay, back_up)


@asynccontextmanager
async def the_sandbox(tls_dir: Path) -> AsyncIterator[LogOfVaults]:
    clock = ManualClock(START)
    rights = (
        Right(DANA.id, roles.KEY_VAULT_SECRETS_OFFICER.guid, VAULT_ID),
        Right(ROBIN.id, roles.KEY_VAULT_SECRETS_USER.guid, VAULT_ID),
    )
    seed = default_seed()
    seed = replace(seed, rights=(*seed.rights, *rights))
    async with running_sandbox(tls_dir, seed=seed, clock=clock) as sandbox:
        log = an_adapter(sandbox, Pipeline(sandbox.session))

        async def read(principal: str, place: SecretOfVault) -> str:
            answer = await _get(sandbox, principal, f"/secrets/{place.secret}/")
            return answer.rpartition("/")[2]

        async def read_metadata() -> None:
            await _get(sandbox, BOT.id, f"/secrets/{DEMO_API_KEY}/versions")

        def delay(by: timedelta) -> None:
            sandbox.state.knobs.log_delay_seconds = by.total_seconds()

        async def back_up(principal: str, place: SecretOfVault) -> None:
            await _call(sandbox, principal, f"/secrets/{place.secret}/backup", "POST")

        yield LogOfVaults(log, clock, read, read_metadata, delay, back_up)
        await log.close()


async def _get(sandbox: Sandbox, principal: str, path: str) -> str:
    return await _call(sandbox, principal, path, "GET")


async def _call(sandbox: Sandbox, principal: str, path: str, method: str) -> str:
    """Call the vault, and return the ID of the secret that it answers with, if it does."""
    token = await sandbox.credential(principal).get_token("https://vault.azure.net/.default")
    headers = {"Authorization": f"Bearer {token.token}"}
    url = f"{sandbox.base_url}{path}?api-version=7.4"
    async with sandbox.session.request(method, url, headers=headers) as response:
        return str((await response.json()).get("id", ""))


def an_adapter(
    sandbox: Sandbox, pipeline: Pipeline, workspace: str = WORKSPACE_ID, principal: str = BOT.id
) -> LogAnalyticsReadLog:
    return LogAnalyticsReadLog(
        sandbox.credential(principal),
        pipeline,
        endpoint=sandbox.base_url,
        token_scope="https://api.loganalytics.io/.default",
        workspace=workspace,
    )


@pytest.fixture(params=["fake", "sandbox"])
async def vaults(request: pytest.FixtureRequest, tls_dir: Path) -> AsyncIterator[LogOfVaults]:
    if request.param == "fake":
        yield the_fake()
        return
    async with the_sandbox(tls_dir) as real:
        yield real


async def test_a_read_is_found_with_its_time_and_version(vaults: LogOfVaults) -> None:
    vaults.clock.advance(minutes=5)
    version = await vaults.read(DANA.id, DEMO)

    [found] = await vaults.reads(DANA.id)

    at = START + timedelta(minutes=5)
    assert (found.at, found.version, found.caller) == (at, version, DANA.id)
    assert found.place == DEMO


async def test_the_newest_reads_come_first_and_others_people_are_left_out(
    vaults: LogOfVaults,
) -> None:
    await vaults.read(DANA.id, DEMO)
    vaults.clock.advance(minutes=1)
    await vaults.read(ROBIN.id, DEMO)
    vaults.clock.advance(minutes=1)
    await vaults.read(DANA.id, APP)

    found = await vaults.reads(DANA.id.upper())

    assert [read.place for read in found] == [APP, DEMO]


async def test_a_read_under_an_assignment_is_found_whoever_the_caller_and_whatever_it_is(
    vaults: LogOfVaults,
) -> None:
    await vaults.read(ROBIN.id, DEMO)
    await vaults.read(DANA.id, APP)
    [robins] = await vaults.reads(ROBIN.id)
    role = guid_in(robins.assignment)

    found = await vaults.log.reads((DEMO, APP), [DANA.id], HOUR, 10, {role})
    others = await vaults.log.reads((DEMO, APP), [DANA.id], HOUR, 10, {"0" * 32})
    elsewhere = await vaults.log.reads((APP,), [DANA.id], HOUR, 10, {role})

    assert {(one.caller, one.place) for one in found.reads} == {(ROBIN.id, DEMO), (DANA.id, APP)}
    assert [one.caller for one in others.reads] == [DANA.id]
    assert {(one.caller, one.place) for one in elsewhere.reads} == {
        (ROBIN.id, DEMO),
        (DANA.id, APP),
    }


async def test_a_backup_is_a_read_too_and_told_apart(vaults: LogOfVaults) -> None:
    await vaults.read(DANA.id, DEMO)
    vaults.clock.advance(minutes=1)
    await vaults.back_up(DANA.id, DEMO)

    found = await vaults.reads(DANA.id)

    assert [one.operation for one in found] == ["SecretBackup", "SecretGet"]
    assert [one.place for one in found] == [DEMO, DEMO]


async def test_what_is_outside_the_time_asked_about_is_left_out(vaults: LogOfVaults) -> None:
    await vaults.read(DANA.id, DEMO)
    vaults.clock.advance(hours=2)
    await vaults.read(DANA.id, DEMO)

    found = await vaults.reads(DANA.id)

    assert [read.at for read in found] == [START]


async def test_a_read_is_not_there_before_its_line_arrives(vaults: LogOfVaults) -> None:
    vaults.delay(timedelta(minutes=5))
    await vaults.read(DANA.id, DEMO)
    vaults.clock.advance(minutes=4)
    early = await vaults.reads(DANA.id)
    vaults.clock.advance(minutes=1)
    late = await vaults.reads(DANA.id)

    assert (len(early), len(late)) == (0, 1)


async def test_too_many_reads_are_cut_off_and_it_says_so(vaults: LogOfVaults) -> None:
    for _ in range(3):
        await vaults.read(DANA.id, DEMO)
        vaults.clock.advance(minutes=1)

    cut = await vaults.log.reads((DEMO,), [DANA.id], HOUR, 2)
    whole = await vaults.log.reads((DEMO,), [DANA.id], HOUR, 3)

    assert [read.at for read in cut.reads] == [
        START + timedelta(minutes=2),
        START + timedelta(minutes=1),
    ]
    assert (cut.is_whole, whole.is_whole) == (False, True)
    assert not cut.is_partial


async def test_it_says_when_a_vault_was_last_heard_of(vaults: LogOfVaults) -> None:
    nothing = await vaults.log.heard([VAULT_ID], HOUR)
    vaults.clock.advance(minutes=7)
    await vaults.read_metadata()
    found = await vaults.log.heard([VAULT_ID], HOUR)
    with_reads = await vaults.log.reads((DEMO,), [DANA.id], HOUR, 10)

    newest = {VAULT_ID.lower(): START + timedelta(minutes=7)}
    assert (nothing, found) == ({}, newest)
    assert (with_reads.reads, with_reads.heard) == ((), newest)


async def test_readers_are_summed_up_by_secret_the_most_frequent_first(
    vaults: LogOfVaults,
) -> None:
    await vaults.read(DANA.id, DEMO)
    for _ in range(2):
        vaults.clock.advance(minutes=1)
        await vaults.read(APP_IDENTITY.id, APP)

    found = await vaults.log.readers((DEMO, APP), HOUR, 10)

    assert [(one.place, one.caller, one.count, one.is_person) for one in found.readers] == [
        (APP, APP_IDENTITY.id, 2, False),
        (DEMO, DANA.id, 1, True),
    ]
    [app, person] = found.readers
    assert (app.application, person.application) == (APP_IDENTITY.client_id, "")
    assert (app.first, app.last) == (START + timedelta(minutes=1), START + timedelta(minutes=2))
    assert found.is_whole
    assert VAULT_ID.lower() in found.heard


async def test_of_too_many_readers_the_most_frequent_are_kept(vaults: LogOfVaults) -> None:
    await vaults.read(DANA.id, DEMO)
    for _ in range(2):
        await vaults.read(ROBIN.id, DEMO)

    found = await vaults.log.readers((DEMO,), HOUR, 1)

    assert [one.caller for one in found.readers] == [ROBIN.id]
    assert not found.is_whole


async def test_a_secret_of_the_same_name_in_another_vault_is_another_secret(
    vaults: LogOfVaults,
) -> None:
    await vaults.read(DANA.id, DEMO)
    other = SecretOfVault(VAULT_ID.replace(VAULT, "other-vault"), DEMO_API_KEY)

    found = await vaults.log.reads((other, APP), [DANA.id], HOUR, 10)

    assert found.reads == ()


async def test_only_what_returned_a_value_is_a_read(sandbox: Sandbox, pipeline: Pipeline) -> None:
    log = an_adapter(sandbox, pipeline)
    span = LogSpan(sandbox.clock() - timedelta(minutes=1), sandbox.clock() + timedelta(minutes=1))
    await _get(sandbox, DANA.id, f"/secrets/{DEMO_API_KEY}/")  # not permitted
    await _get(sandbox, BOT.id, f"/secrets/{APP_API_KEY}/versions")
    await _get(sandbox, APP_IDENTITY.id, f"/secrets/{OLD_API_KEY}/")  # disabled
    places = tuple(
        SecretOfVault(VAULT_ID, name) for name in (DEMO_API_KEY, APP_API_KEY, OLD_API_KEY)
    )

    found = await log.readers(places, span, 10)

    assert found.readers == ()
    assert list(found.heard) == [VAULT_ID.lower()]
    await log.close()


async def test_a_name_cannot_end_its_literal(sandbox: Sandbox, pipeline: Pipeline) -> None:
    log = an_adapter(sandbox, pipeline)
    hostile = 'x") | union AzureActivity //\\"\n'

    found = await log.reads((SecretOfVault(VAULT_ID, hostile),), [hostile], HOUR, 10)

    assert found.reads == ()
    await log.close()


async def test_without_the_role_the_bot_is_not_permitted(
    sandbox: Sandbox, pipeline: Pipeline
) -> None:
    log = an_adapter(sandbox, pipeline, principal=APP_IDENTITY.id)

    with pytest.raises(NotPermitted, match="403 InsufficientAccessError") as refused:
        await log.heard([VAULT_ID], HOUR)

    assert refused.value.code == "InsufficientAccessError"
    await log.close()


async def test_another_workspace_is_refused(sandbox: Sandbox, pipeline: Pipeline) -> None:
    log = an_adapter(sandbox, pipeline, workspace=WORKSPACE_ID.replace("8", "9"))

    with pytest.raises(Rejected, match="404 PathNotFoundError"):
        await log.heard([VAULT_ID], HOUR)

    await log.close()


async def test_a_query_is_tried_again_like_any_other_reading(
    sandbox: Sandbox, pipeline: Pipeline
) -> None:
    log = an_adapter(sandbox, pipeline)
    sandbox.break_next(answering(503, "ServiceUnavailable", path="/query", times=1))

    found = await log.heard([VAULT_ID], HOUR)

    assert (found, [one.status for one in sandbox.log]) == ({}, [None, 200])
    await log.close()


async def test_too_many_queries_come_back_with_when_to_ask_again(
    sandbox: Sandbox, pipeline: Pipeline
) -> None:
    log = an_adapter(sandbox, pipeline)
    sandbox.break_next(
        answering(429, "ThrottledError", path="/query", headers={"Retry-After": "30"})
    )

    with pytest.raises(Unavailable) as throttled:
        await log.heard([VAULT_ID], HOUR)

    assert throttled.value.retry_after == timedelta(seconds=30)
    await log.close()


async def test_an_answer_that_is_not_whole_says_so(sandbox: Sandbox, pipeline: Pipeline) -> None:
    log = an_adapter(sandbox, pipeline)
    at, vault = "2026-03-02T09:00:00.1234567Z", VAULT_ID.lower()
    line = [at, vault, DEMO_API_KEY, "v1", DANA.id, "", "SecretGet"]
    names = ["At", "Vault", "Secret", "Version", "Caller", "Assignment", "Operation"]
    columns = [{"name": name, "type": "string"} for name in names]
    columns[0]["type"] = "datetime"
    table = {"name": "PrimaryResult", "columns": columns, "rows": [line]}
    error = {"code": "PartialError", "message": "There were some errors"}
    answer = Reply(200, {"tables": [table], "error": error})
    sandbox.break_next(InjectedFault("POST", re.compile("/query"), answer=answer))

    found = await log.reads((DEMO,), [DANA.id], HOUR, 10)

    [read] = found.reads
    assert read.at == datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
    assert (found.is_whole, found.is_partial) == (False, True)
    await log.close()


@pytest.mark.parametrize("query", [READS, READERS, HEARD])
def test_a_query_uses_only_columns_that_the_tables_have(query: str) -> None:
    text = query.format(vaults='"v"', secrets='"s"', callers='"c"', assignments='"a"', most=1)
    words = re.sub(r'"[^"]*"', "", text)

    made = set(re.findall(r"\b([A-Z]\w+)(?: =|:)", words))
    used = set(re.findall(r"\b_?[A-Z]\w+", words))
    assert used - made - COLUMNS == {"AZKVAuditLogs", "AzureDiagnostics"}


@pytest.mark.parametrize("query", [READS, READERS, HEARD])
def test_the_parentheses_of_a_query_match(query: str) -> None:
    text = query.format(vaults='"v"', secrets='"s"', callers='"c"', assignments='"a"', most=1)
    words, depth = re.sub(r'"[^"]*"', "", text), 0
    for character in words:
        depth += {"(": 1, ")": -1}.get(character, 0)
        assert depth >= 0

    assert depth == 0
    assert words.count("[") == words.count("]")
