"""Which events change what the messages of a request show, and which need no update.

A card that asks for its present content when its reader looks at it needs no update for an event
that makes nothing wrong that the card says. So what such a card says of a request that isn't over
stays true for ever: what was done, what is planned, and how it was as of a time.
"""

from collections.abc import Collection, Sequence

from domain.access.request import AccessEvent
from domain.workflow import Event

_ON_TIME = frozenset({AccessEvent.ENDED, AccessEvent.REVOKED})
"""Access ends when its messages said that it would, and Azure confirms that."""

_NOT_AS_PLANNED = frozenset(
    {
        AccessEvent.CALLED_OFF,
        AccessEvent.CANCELLED,
        AccessEvent.ENDED_EARLY,
        AccessEvent.VANISHED,
        AccessEvent.WATCHED,
        AccessEvent.STUCK,
        AccessEvent.RETRIED,
        AccessEvent.CLOSED,
    }
)
"""From these on, cards show each event: they say something that the next one ends."""

TOLD = frozenset(
    {
        AccessEvent.SCHEDULED,
        AccessEvent.DENIED,
        AccessEvent.LAPSED,
        AccessEvent.NOT_ALLOWED_NOW,
        AccessEvent.NOT_PERMITTED_YET,
        AccessEvent.NO_ROOM_YET,
        AccessEvent.GRANTED,
        AccessEvent.FAILED,
    }
)
"""The requester gets a message of its own that says the same as their card would."""

_BEFORE_A_MESSAGE = frozenset({AccessEvent.STARTED, AccessEvent.GAVE_UP})
"""One of those follows in a moment."""


def last_change(numbered: Sequence[tuple[int, Event]]) -> int:
    """Return the last event that changes what the cards of a request show.

    The warning before the end is a message of its own and changes nothing on them.
    """
    return max((number for number, event in numbered if _changes(event)), default=0)


def last_unplanned_change(numbered: Sequence[tuple[int, Event]]) -> int:
    """Return the last change other than an end on time, which the cards had named."""
    return _last_but(numbered, ())


def last_change_not_told(numbered: Sequence[tuple[int, Event]]) -> int:
    """Return the last of these changes that the requester gets no message of its own about."""
    told = {number for number, event in numbered if _is_told(event)}
    return _last_but(numbered, told)


def _last_but(numbered: Sequence[tuple[int, Event]], told: Collection[int]) -> int:
    last, as_planned, has_open_extension = 0, True, False
    for number, event in numbered:
        if event.kind in _NOT_AS_PLANNED:
            as_planned = False
        elif event.kind == AccessEvent.EXTENSION_ASKED:
            has_open_extension = True
        elif event.kind in {AccessEvent.EXTENDED, AccessEvent.EXTENSION_DENIED}:
            has_open_extension = False
        # More time that was asked for is shown until it is decided, or until it can't be any more.
        is_on_time = event.kind in _ON_TIME and not has_open_extension
        if _changes(event) and not (as_planned and (is_on_time or number in told)):
            last = number
    return last


def _changes(event: Event) -> bool:
    return event.kind != AccessEvent.EXPIRES_SOON


def _is_told(event: Event) -> bool:
    return event.kind in TOLD | _BEFORE_A_MESSAGE or _is_last_approval(event)


def _is_last_approval(event: Event) -> bool:
    """Return whether access follows; the approvals before the last are on the card alone."""
    if event.kind != AccessEvent.APPROVED:
        return False
    given, needed = event.facts.get("approvals"), event.facts.get("needed")
    return isinstance(given, int) and isinstance(needed, int) and given >= needed
