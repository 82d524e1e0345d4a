"""Let a bot send as much as it can: its limits would be all that is measured."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.transport.outbound import pacing
from domain.shared_rate import Rate
from services.azure.calls import arm_limits

_MANY = 10_000


@contextmanager
def lifted() -> Iterator[None]:
    """Lift the limits of Teams and of Azure Resource Manager in this process, within the block."""
    of_bot, of_conversation = pacing.PER_BOT, pacing.PER_CONVERSATION
    of_azure = arm_limits.RATES
    pacing.PER_BOT = pacing.PER_CONVERSATION = ((_MANY, 1.0),)
    arm_limits.RATES = dict.fromkeys(of_azure, Rate(_MANY, _MANY))
    try:
        yield
    finally:
        pacing.PER_BOT, pacing.PER_CONVERSATION = of_bot, of_conversation
        arm_limits.RATES = of_azure
