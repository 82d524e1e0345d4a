"""Whether the bot owns app registrations."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from sandbox.seed import BOT, DANA, PARTNER_APPLICATION
from services.azure.app_owners import GraphAppOwners
from services.azure.pipeline import Pipeline
from services.faults import NotPermitted, Rejected
from tests.support.sandbox import Sandbox


def _of_bot(sandbox: Sandbox, pipeline: Pipeline) -> GraphAppOwners:
    return GraphAppOwners(
        sandbox.credential(BOT.id),
        pipeline,
        endpoint=sandbox.base_url,
        token_scope="https://graph.microsoft.com/.default",
    )


@pytest.fixture
async def owners(sandbox: Sandbox, pipeline: Pipeline) -> AsyncIterator[GraphAppOwners]:
    owners = _of_bot(sandbox, pipeline)
    yield owners
    await owners.close()


async def test_the_bot_may_change_an_application_that_it_owns(owners: GraphAppOwners) -> None:
    assert await owners.may_change(PARTNER_APPLICATION.id)


async def test_it_may_not_change_the_application_of_others(
    sandbox: Sandbox, owners: GraphAppOwners
) -> None:
    sandbox.state.applications[PARTNER_APPLICATION.id].owners = (DANA.id,)

    assert not await owners.may_change(PARTNER_APPLICATION.id)


async def test_with_the_permission_for_all_applications_it_need_not_own_them(
    sandbox: Sandbox, pipeline: Pipeline
) -> None:
    sandbox.state.applications[PARTNER_APPLICATION.id].owners = ()
    everything = replace(BOT, graph_permissions=("Application.ReadWrite.All",))
    sandbox.state.directory.service_principals[BOT.id] = everything
    owners = _of_bot(sandbox, pipeline)

    assert await owners.may_change(PARTNER_APPLICATION.id)

    await owners.close()


async def test_an_application_that_does_not_exist_is_no_one_s(owners: GraphAppOwners) -> None:
    with pytest.raises(Rejected, match="404"):
        await owners.may_change("60000000-0000-4000-8000-00000000000f")


async def test_it_cannot_ask_without_the_permission(
    sandbox: Sandbox, owners: GraphAppOwners
) -> None:
    sandbox.state.directory.service_principals[BOT.id] = replace(BOT, graph_permissions=())

    with pytest.raises(NotPermitted, match="403 Authorization_RequestDenied"):
        await owners.may_change(PARTNER_APPLICATION.id)
