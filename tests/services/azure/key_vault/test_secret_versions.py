"""Versions of secrets in Key Vault: how the adapter handles errors and hides values."""

import logging
import traceback
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.secrets import SecretValue
from sandbox.calls import Reply
from sandbox.faults import InjectedFault, When
from sandbox.seed import APP_API_KEY, BOT, DEMO_API_KEY, OLD_API_KEY, VAULT
from sandbox.stored.vaults import StoredVersion as Planted
from services.azure.calls.pipeline import Pipeline
from services.azure.key_vault.secret_versions import KeyVaultSecretVersions
from services.faults import NotPermitted, Rejected, Unavailable
from services.rotation.secret_versions import Version
from services.rotation.step import NotYet
from tests.services.azure.conftest import answering, dropping
from tests.support.sandbox import Sandbox

CANARY = "canary-0f1e2d3c4b5a"
TAGGED = Version(id="", enabled=True, created_at=None, tags={"latchkey-rotation-id": "rot-one"})


@pytest.fixture
async def versions(sandbox: Sandbox, pipeline: Pipeline) -> AsyncIterator[KeyVaultSecretVersions]:
    versions = KeyVaultSecretVersions(sandbox.credential(BOT.id), pipeline)
    yield versions
    await versions.close()


def _planted(sandbox: Sandbox) -> list[Planted]:
    return sandbox.state.vaults[VAULT].secrets[APP_API_KEY].versions


def _writes(sandbox: Sandbox) -> list[int | None]:
    """Return the status of each PUT with a token; the first PUT has none and asks for one."""
    return [one.status for one in sandbox.log if one.method == "PUT" and one.principal]


async def _write(sandbox: Sandbox, versions: KeyVaultSecretVersions) -> str:
    return await versions.write(sandbox.base_url, APP_API_KEY, SecretValue(CANARY), TAGGED)


def _errors(
    status: int, when: When = When.BEFORE, headers: dict[str, str] | None = None
) -> InjectedFault:
    fault = answering(status, "Ordered", path="^/secrets/", headers=headers)
    return replace(fault, method="PUT", when=when)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
async def test_a_failed_write_is_not_retried_by_the_client(
    sandbox: Sandbox, versions: KeyVaultSecretVersions, status: int
) -> None:
    await versions.current(sandbox.base_url, APP_API_KEY)
    before = len(_planted(sandbox))
    sandbox.break_next(_errors(status, When.AFTER))

    with pytest.raises(Unavailable, match=f"^Key Vault: {status} Ordered$"):
        await _write(sandbox, versions)

    assert len(_planted(sandbox)) == before + 1
    assert len(_writes(sandbox)) == 1


async def test_a_failed_write_is_not_retried_even_with_a_short_retry_after(
    sandbox: Sandbox, versions: KeyVaultSecretVersions, waits: list[float]
) -> None:
    await versions.current(sandbox.base_url, APP_API_KEY)
    sandbox.break_next(_errors(429, headers={"Retry-After": "1"}))

    with pytest.raises(Unavailable) as caught:
        await _write(sandbox, versions)

    assert caught.value.retry_after == timedelta(seconds=1)
    assert len(_writes(sandbox)) == 1
    assert waits == []


async def test_reads_are_retried(sandbox: Sandbox, versions: KeyVaultSecretVersions) -> None:
    await versions.current(sandbox.base_url, APP_API_KEY)
    sandbox.break_next(answering(503, "Ordered", times=1))

    version, _ = await versions.current(sandbox.base_url, APP_API_KEY)

    assert _planted(sandbox)[-1].id == version.id


async def test_a_version_with_a_lost_answer_is_found_by_its_tag(
    sandbox: Sandbox, versions: KeyVaultSecretVersions
) -> None:
    await versions.current(sandbox.base_url, APP_API_KEY)
    sandbox.break_next(dropping("^/secrets/", when=When.AFTER))

    with pytest.raises(Unavailable):
        await _write(sandbox, versions)
    sandbox.state.faults.clear()
    listed = await versions.list(sandbox.base_url, APP_API_KEY)

    made = [one for one in _planted(sandbox) if one.value == CANARY]
    assert made
    assert {one.id for one in made} == {one.id for one in listed if one.tags == TAGGED.tags}


async def test_a_disabled_version_is_rejected_although_key_vault_answers_forbidden(
    sandbox: Sandbox, versions: KeyVaultSecretVersions
) -> None:
    disabled = _planted(sandbox)[0]

    with pytest.raises(Rejected, match=r"^Key Vault: 403 SecretDisabled$"):
        await versions.read(sandbox.base_url, APP_API_KEY, disabled.id)


async def test_a_missing_permission_to_read_values_raises_not_permitted(
    sandbox: Sandbox, versions: KeyVaultSecretVersions
) -> None:
    with pytest.raises(NotPermitted, match=r"^Key Vault: 403 ForbiddenByRbac$"):
        await versions.current(sandbox.base_url, DEMO_API_KEY)
    with pytest.raises(NotPermitted, match=r"^Key Vault: 403 ForbiddenByRbac$"):
        await versions.write(sandbox.base_url, DEMO_API_KEY, SecretValue(CANARY), TAGGED)


async def test_a_version_that_stays_enabled_does_not_count_as_disabled(
    sandbox: Sandbox, versions: KeyVaultSecretVersions
) -> None:
    current = _planted(sandbox)[-1]
    fine = Reply(200, {"id": f"{sandbox.base_url}/secrets/{APP_API_KEY}/{current.id}"})
    sandbox.break_next(replace(answering(200, "", path="^/secrets/"), method="PATCH", answer=fine))

    with pytest.raises(Unavailable, match="still shown as enabled"):
        await versions.disable(sandbox.base_url, APP_API_KEY, current.id)


async def test_a_version_that_is_already_disabled_is_not_written(
    sandbox: Sandbox, versions: KeyVaultSecretVersions
) -> None:
    await versions.disable(sandbox.base_url, APP_API_KEY, _planted(sandbox)[0].id.upper())

    assert "PATCH" not in {one.method for one in sandbox.log}


async def test_a_secret_that_is_being_recovered_is_waited_for(
    sandbox: Sandbox, versions: KeyVaultSecretVersions
) -> None:
    before = len(_planted(sandbox))
    conflict = answering(409, "Conflict", path="^/secrets/", inner="ObjectIsBeingRecovered")
    sandbox.break_next(replace(conflict, method="PUT"))

    with pytest.raises(NotYet, match="409 ObjectIsBeingRecovered") as refused:
        await _write(sandbox, versions)

    assert not refused.value.outcome_unknown
    assert len(_planted(sandbox)) == before


async def test_a_deleted_secret_has_no_versions_and_accepts_none(
    sandbox: Sandbox, versions: KeyVaultSecretVersions
) -> None:
    secret = sandbox.state.vaults[VAULT].secrets[APP_API_KEY]
    secret.deleted_at = datetime(2026, 3, 1, tzinfo=UTC)

    assert await versions.list(sandbox.base_url, APP_API_KEY) == []
    with pytest.raises(Rejected, match="404 SecretNotFound"):
        await versions.current(sandbox.base_url, APP_API_KEY)
    with pytest.raises(Rejected, match="409 ObjectIsDeletedButRecoverable"):
        await _write(sandbox, versions)


async def test_a_404_for_the_listing_means_no_versions(
    sandbox: Sandbox, versions: KeyVaultSecretVersions
) -> None:
    sandbox.break_next(answering(404, "SecretNotFound"))

    assert await versions.list(sandbox.base_url, OLD_API_KEY) == []


@pytest.mark.parametrize("status", [400, 403, 500])
async def test_an_error_that_quotes_a_value_is_reduced_to_codes(
    sandbox: Sandbox, versions: KeyVaultSecretVersions, status: int
) -> None:
    quoting = {"error": {"code": "Ordered", "message": f"The value '{CANARY}' is not wanted."}}
    fault = replace(_errors(status), answer=Reply(status, quoting))
    await versions.current(sandbox.base_url, APP_API_KEY)
    sandbox.break_next(fault)

    with pytest.raises((Rejected, NotPermitted, Unavailable)) as caught:
        await _write(sandbox, versions)

    assert caught.value.cause == f"{status} Ordered"
    assert CANARY not in "".join(traceback.format_exception(caught.value))


async def test_an_answer_in_another_format_is_reduced_to_its_status(
    sandbox: Sandbox, versions: KeyVaultSecretVersions
) -> None:
    page = Reply(502, f"<p>Could not forward {CANARY}</p>", content_type="text/html")
    await versions.current(sandbox.base_url, APP_API_KEY)
    sandbox.break_next(replace(_errors(502), answer=page))

    with pytest.raises(Unavailable, match=r"^Key Vault: 502$"):
        await _write(sandbox, versions)


async def test_no_value_is_logged_at_any_level(
    sandbox: Sandbox, versions: KeyVaultSecretVersions, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url = sandbox.base_url

    made = await _write(sandbox, versions)
    current = await versions.current(url, APP_API_KEY)
    await versions.read(url, APP_API_KEY, made)
    await versions.disable(url, APP_API_KEY, made)

    assert current[1] == SecretValue(CANARY)
    assert "A body is sent with the request" in caplog.text
    assert CANARY not in caplog.text
    assert CANARY not in repr(current)
    assert not any(CANARY in f"{one.path}?{one.query}" for one in sandbox.log)
