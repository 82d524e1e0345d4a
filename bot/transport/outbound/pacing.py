"""Stay within Teams' rate limits."""

from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta

from bot.transport.outbound.connector_errors import ConnectorUnavailable
from domain.shared_rate import Rate
from services.limits.shared_limit import LimitUsedUp, SharedLimit, Urgency

Limit = tuple[int, float]  # how many, within how many seconds

# https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
PER_CONVERSATION: tuple[Limit, ...] = ((7, 1), (8, 2), (60, 30), (1800, 3600))
# Teams counts per app and tenant, over all replicas. We count all tenants together, which can only
# be too strict.
PER_BOT: tuple[Limit, ...] = ((50, 1),)

_MAX_WAIT = timedelta(seconds=5)  # Teams gives up on a turn after about 15
_MAX_CONVERSATIONS = 10_000

_URGENCY: ContextVar[Urgency] = ContextVar("urgency", default=Urgency.FIRST)


@contextmanager
def with_urgency(urgency: Urgency) -> Iterator[None]:
    """Set the urgency of what is sent in the block; without it, a person waits for an answer."""
    token = _URGENCY.set(urgency)
    try:
        yield
    finally:
        _URGENCY.reset(token)


def bot_rate() -> Rate:
    """Return what Teams takes from the bot, over all conversations and replicas."""
    return Rate.within(*PER_BOT[0])


class Window:
    """Remember when requests were scheduled, and find the next free slot."""

    def __init__(self, limits: tuple[Limit, ...]) -> None:
        self._limits = limits
        self._turns: deque[float] = deque(maxlen=max(count for count, _ in limits))

    def next_turn(self, now: float) -> float:
        """Return the earliest time that exceeds no limit."""
        waits = (
            self._turns[-count] + seconds
            for count, seconds in self._limits
            if len(self._turns) >= count
        )
        return max([now, *waits])

    def take(self, turn: float) -> None:
        """Reserve the slot at this time."""
        self._turns.append(turn)


class Pacing:
    """Hold each request back until the limits of its conversation and of the bot allow it.

    `clock` is monotonic, in seconds. If the wait would be more than five seconds,
    `ConnectorUnavailable` says when to retry. `bot` is the limit over all conversations.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        bot: SharedLimit,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._bot = bot
        self._conversations: OrderedDict[str, Window] = OrderedDict()

    async def wait(self, conversation_id: str | None) -> None:
        """Wait for a slot; pass None if the request has no conversation yet."""
        if conversation_id is not None:
            await self._wait_for(self._conversation(conversation_id))
        try:
            await self._bot.take(_URGENCY.get(), _MAX_WAIT)
        except LimitUsedUp as fault:
            raise ConnectorUnavailable(
                "too many messages at once", retry_after=max(fault.wait, _MAX_WAIT)
            ) from fault

    async def _wait_for(self, window: Window) -> None:
        now = self._clock()
        turn = window.next_turn(now)
        wait = timedelta(seconds=turn - now)
        if wait > _MAX_WAIT:
            raise ConnectorUnavailable("too many messages at once", retry_after=wait)
        window.take(turn)
        if turn > now:
            await self._sleep(turn - now)

    def _conversation(self, conversation_id: str) -> Window:
        window = self._conversations.pop(conversation_id, None) or Window(PER_CONVERSATION)
        self._conversations[conversation_id] = window
        if len(self._conversations) > _MAX_CONVERSATIONS:
            self._conversations.popitem(last=False)
        return window
