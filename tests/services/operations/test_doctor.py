"""The doctor: whatever one check does, all the others run."""

import asyncio
from datetime import timedelta

import pytest

from domain.diagnosis import CheckStatus, Finding, broken, good
from domain.phrases import phrase
from services.faults import NotPermitted
from services.operations import doctor
from services.operations.checks.check import Check
from services.operations.doctor import Doctor

WELL, REFUSED = phrase("Well"), phrase("Refused")
PERMIT, RING = phrase("Permit it."), phrase("Ring.")


async def _well() -> Finding:
    return good(WELL, phrase("is well"))


async def _refused() -> Finding:
    raise NotPermitted("Key Vault", "403 ForbiddenByRbac")


async def _fallen_over() -> Finding:
    raise KeyError("a fault of ours")


async def _silent() -> Finding:
    await asyncio.Event().wait()
    raise AssertionError("nobody wakes it")


def _examining(*checks: Check) -> Doctor:
    return Doctor(lambda: checks)


async def test_findings_come_in_the_order_of_the_checks() -> None:
    found = await _examining(Check(REFUSED, _refused, PERMIT), Check(WELL, _well)).examine()

    assert [
        broken(REFUSED, phrase("{fault}", fault="Key Vault: 403 ForbiddenByRbac"), PERMIT),
        good(WELL, phrase("is well")),
    ] == found


async def test_a_crashing_check_does_not_stop_the_others() -> None:
    found = await _examining(Check(phrase("Ours"), _fallen_over), Check(WELL, _well)).examine()

    assert [(one.health, str(one.seen)) for one in found] == [
        (CheckStatus.BROKEN, "check failed (KeyError)"),
        (CheckStatus.GOOD, "is well"),
    ]


async def test_a_hanging_check_is_reported_and_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doctor, "PATIENCE", timedelta(milliseconds=20))
    found = await _examining(Check(phrase("Silent"), _silent, RING), Check(WELL, _well)).examine()

    assert found[0].health is CheckStatus.BROKEN
    assert str(found[0].seen).startswith("no answer within")
    assert found[0].remedy == RING
    assert found[1].health is CheckStatus.GOOD


async def test_the_list_of_checks_is_determined_each_time() -> None:
    checks = [Check(WELL, _well)]
    examining = Doctor(lambda: checks)
    before = await examining.examine()
    checks.append(Check(phrase("Well too"), _well))

    assert (len(before), len(await examining.examine())) == (1, 2)
