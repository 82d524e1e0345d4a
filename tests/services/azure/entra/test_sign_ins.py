"""Sign-ins with client secrets, to a running local Entra."""

import re
from collections.abc import AsyncIterator

import pytest

from domain.secrets import SecretValue
from sandbox.faults import Action, InjectedFault, When
from sandbox.seed import BOT, PARTNER_APPLICATION
from services.azure.calls.pipeline import Pipeline
from services.azure.entra.sign_ins import EntraSignIns
from services.faults import Unavailable
from services.rotation.issuers.app_registration import SignIn, SignInAnswer
from tests.support.clock import ManualClock
from tests.support.sandbox import Sandbox, running_sandbox

CLIENT = PARTNER_APPLICATION.client_id


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def sandbox(
    tmp_path_factory: pytest.TempPathFactory, clock: ManualClock
) -> AsyncIterator[Sandbox]:
    async with running_sandbox(tmp_path_factory.mktemp("tls"), clock=clock) as running:
        yield running


@pytest.fixture
def sign_ins(sandbox: Sandbox) -> EntraSignIns:
    return EntraSignIns(
        sandbox.credential(BOT.id),
        Pipeline(sandbox.session),
        token_scope=f"{sandbox.base_url}/.default",
        authority=sandbox.base_url,
    )


def _secret(sandbox: Sandbox) -> SecretValue:
    return SecretValue(sandbox.state.applications[PARTNER_APPLICATION.id].passwords[0].value)


async def test_a_client_secret_signs_in_to_the_bots_tenant(
    sandbox: Sandbox, sign_ins: EntraSignIns
) -> None:
    answer = await sign_ins.test_value(CLIENT, _secret(sandbox))

    assert answer == SignInAnswer(SignIn.ACCEPTED)
    assert sandbox.log[-1].path == f"/{sandbox.state.seed.tenant_id}/oauth2/v2.0/token"


async def test_a_wrong_client_secret_is_not_accepted(sign_ins: EntraSignIns) -> None:
    answer = await sign_ins.test_value(CLIENT, SecretValue("wrong"))

    assert answer == SignInAnswer(SignIn.NOT_ACCEPTED, "AADSTS7000215")


async def test_an_expired_client_secret_is_not_accepted(
    sandbox: Sandbox, clock: ManualClock, sign_ins: EntraSignIns
) -> None:
    clock.advance(days=366)

    answer = await sign_ins.test_value(CLIENT, _secret(sandbox))

    assert answer == SignInAnswer(SignIn.NOT_ACCEPTED, "AADSTS7000222")


async def test_an_unknown_application_does_not_count_as_a_wrong_secret(
    sign_ins: EntraSignIns,
) -> None:
    answer = await sign_ins.test_value("40000000-0000-4000-8000-00000000ffff", SecretValue("any"))

    assert answer == SignInAnswer(SignIn.UNTRIED, "AADSTS700016")


async def test_an_entra_that_does_not_answer_is_unavailable(
    sandbox: Sandbox, sign_ins: EntraSignIns
) -> None:
    await sign_ins.test_value(CLIENT, _secret(sandbox))
    sandbox.break_next(
        InjectedFault("POST", re.compile("/oauth2/v2.0/token"), Action.DROP, When.BEFORE)
    )

    with pytest.raises(Unavailable) as caught:
        await sign_ins.test_value(CLIENT, _secret(sandbox))

    assert not caught.value.outcome_unknown
    assert _secret(sandbox).reveal() not in str(caught.value)
