"""Azure's clock."""

import re

import pytest

from sandbox.calls import Reply
from sandbox.faults import InjectedFault
from services.azure.calls.clock import ArmTime
from services.faults import Unavailable
from tests.services.azure.conftest import dropping
from tests.support.sandbox import Sandbox, now


async def test_azures_time_is_read_from_any_answer(sandbox: Sandbox) -> None:
    before = now().replace(microsecond=0)
    told = await ArmTime(sandbox.session, sandbox.base_url).now()

    assert before <= told <= now()


async def test_no_answer_is_unavailable(sandbox: Sandbox) -> None:
    sandbox.break_next(dropping())

    with pytest.raises(Unavailable, match=r"ServerDisconnectedError|ClientOSError"):
        await ArmTime(sandbox.session, sandbox.base_url).now()


async def test_an_answer_without_a_readable_date_is_unavailable(sandbox: Sandbox) -> None:
    reply = Reply(200, {}, {"Date": "yesterday"})
    sandbox.break_next(InjectedFault("*", re.compile(""), answer=reply))

    with pytest.raises(Unavailable, match="the response has no Date header"):
        await ArmTime(sandbox.session, sandbox.base_url).now()
