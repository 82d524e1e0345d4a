"""The clock, which is passed in to whatever needs the time."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
"""Returns the present moment, in UTC."""

_RESOLUTION = timedelta(seconds=1)
"""How exactly an HTTP server says the time."""

_WORTH_A_WARNING = timedelta(seconds=5)


class AgreedClock:
    """The machine's clock, corrected by the table's, on which all replicas agree.

    It moves only as far as the table's answers prove it wrong: a synchronised machine's clock isn't
    changed at all, and a slow answer proves little.
    """

    def __init__(self, machine: Clock) -> None:
        self._machine = machine
        self._offset = timedelta()

    def __call__(self) -> datetime:
        return self._machine() + self._offset

    @property
    def offset(self) -> timedelta:
        """How far the machine's clock is behind; negative if it is ahead."""
        return self._offset

    def asking(self) -> Callable[[datetime], None]:
        """Return what to call with the time that the answer to a request says, once it is there."""
        sent = self._machine()

        def answered(said: datetime) -> None:
            least, most = said - self._machine(), said + _RESOLUTION - sent
            if least > most:
                return  # the machine's clock was set meanwhile
            offset = min(max(self._offset, least), most)
            if abs(offset - self._offset) >= _WORTH_A_WARNING:
                log.warning("the machine's clock is wrong; %s is added to it", offset)
            self._offset = offset

        return answered
