"""Announcements: the Teams messages derived from the events of a workflow.

An announcement has a key that is unique within its workflow. The same key means the same message:
when its revision grows, the existing message is updated, not posted again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from domain.people import Person
from domain.workflow import Event

REQUESTER_CARD = "requester-card"
"""The key of the card that answered the person who started the workflow."""


class Audience(StrEnum):
    APPROVER = "approver"
    REQUESTER = "requester"
    AUDIT = "audit"
    ADMIN = "admin"
    FORMER_APPROVER = "former_approver"
    """Someone whose card says that they can no longer decide."""
    HOLDER = "holder"
    """The grantee, if someone else made the request for them."""
    ACTOR = "actor"
    """Whoever did what the event is about."""
    ASKED_IN = "asked_in"
    """The channel or group in which a request was made."""
    CHANNEL = "channel"
    """The channel, with the buttons of approvers who are too many for a message each."""


class Subject(StrEnum):
    """What a message shows: the current state of the workflow, or one of its events."""

    WORKFLOW = "workflow"
    EVENT = "event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """A Teams message derived from events; ``revision`` is the last event it shows.

    ``opens`` is false for a message to update if it exists, but not to post.
    ``revision_if_refreshed`` is the last event that it is updated for where its card refreshes
    itself when its reader looks at it; None if that is ``revision``, too.
    """

    key: str
    audience: Audience
    subject: Subject
    revision: int
    revision_if_refreshed: int | None = None
    opens: bool = True
    event: Event | None = None
    person: Person | None = None
    mentions: tuple[Person, ...] = ()
    """People to notify although the message goes to a channel."""
    reader: str = ""
    """The object ID of the one who reads it, where no ``person`` is asked or told anything."""
    hash: str = ""
    """The event's hash in the chain of its workflow, for the audit channel."""
    is_routine: bool = False
    """Whether the audit message can be one with those for other such events."""
    earlier: "tuple[Announcement, ...]" = ()
    """The audit messages for earlier events that are in this one."""

    @property
    def is_for_channel(self) -> bool:
        return self.audience in {Audience.AUDIT, Audience.CHANNEL}

    @property
    def parts(self) -> "tuple[Announcement, ...]":
        """The announcements that the message consists of, each by itself; mostly one."""
        return (*self.earlier, replace(self, earlier=()))


def as_one(parts: Sequence[Announcement]) -> Announcement:
    """Return one message for audit events in their order; each keeps its hash."""
    *earlier, last = parts
    return replace(last, earlier=tuple(earlier))


def event_announcement(
    audience: Audience,
    number: int,
    event: Event,
    person: Person | None = None,
    revision: int | None = None,
    name: str = "",
) -> Announcement:
    """Return the message for one event; several messages for one event need a ``name`` each.

    Its revision is the event itself unless another ``revision`` is given.
    """
    return Announcement(
        key=f"{name or audience}-{number:06d}",
        audience=audience,
        subject=Subject.EVENT,
        revision=number if revision is None else revision,
        event=event,
        person=person,
    )


def in_audit_channel(events: Sequence[Event]) -> tuple[Announcement, ...]:
    """Return a message for each event of a workflow that only the audit channel hears of.

    They are all in one thread.
    """
    return tuple(
        event_announcement(Audience.AUDIT, number, event)
        for number, event in enumerate(events, start=1)
    )
