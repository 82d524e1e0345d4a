"""The clock, which is passed in to whatever needs the time."""

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
"""Returns the present moment, in UTC."""
