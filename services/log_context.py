"""Which workflow or turn the lines that are logged now are about."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_CORRELATION_ID: ContextVar[str] = ContextVar("correlation_id", default="")


@contextmanager
def logged_under(correlation_id: str) -> Iterator[None]:
    """Give the lines that are logged in the block this correlation ID, unless they have one."""
    token = _CORRELATION_ID.set(correlation_id)
    try:
        yield
    finally:
        _CORRELATION_ID.reset(token)


def correlation_id() -> str:
    """Return the correlation ID of what is being done; empty if there is none."""
    return _CORRELATION_ID.get()
