"""Access that people have already: a look-up that fails blocks nothing, and the log says why."""

import logging
from collections.abc import Sequence

import pytest

from services.access.asking.standing import standing_access
from services.ports import StandingRole
from tests.support.builders import DANA, a_target


class _Hanging:
    """Stands for Azure where it takes too long."""

    async def of(self, person_id: str, scope: str) -> Sequence[StandingRole]:
        raise TimeoutError


async def test_a_look_up_that_takes_too_long_is_logged_with_its_cause(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)

    assert await standing_access(_Hanging(), DANA.object_id, [a_target()]) == ()

    assert caplog.messages == ["can't look up standing access: no answer in time"]
