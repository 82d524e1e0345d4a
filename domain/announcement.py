"""Announcements: the Teams messages that follow from the events of a workflow.

An announcement has a key, unique within its workflow. The same key is the same message: when
its revision grows, the message that exists is updated, not posted again.
"""

from dataclasses import dataclass
from enum import StrEnum

from domain.people import Person
from domain.workflow import Event

REQUESTER_CARD = "requester-card"
"""The key of the card that answered whoever started the workflow."""


class Audience(StrEnum):
    APPROVER = "approver"
    REQUESTER = "requester"
    AUDIT = "audit"
    ADMIN = "admin"
    FORMER_APPROVER = "former approver"
    """Somebody whose card says that they decide nothing any more."""
    HOLDER = "holder"
    """Whom access is for, where somebody else asked for them."""


class Subject(StrEnum):
    """What a message shows: the workflow as it stands, or one event of it."""

    WORKFLOW = "workflow"
    EVENT = "event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """A Teams message derived from events; ``revision`` is the last event that it shows.

    ``opens`` is false for a message that is worth an update but no longer worth posting.
    """

    key: str
    audience: Audience
    subject: Subject
    revision: int
    opens: bool = True
    event: Event | None = None
    person: Person | None = None
    mentions: tuple[Person, ...] = ()
    """Who is to notice it although it goes to a channel."""
    hash: str = ""
    """The event's link in the chain of its workflow, for the audit channel."""


def event_announcement(
    audience: Audience,
    number: int,
    event: Event,
    person: Person | None = None,
    revision: int | None = None,
    name: str = "",
) -> Announcement:
    """Return the message about one event; where several are sent, each has a ``name`` of its own.

    It shows that event last, unless another ``revision`` is given.
    """
    return Announcement(
        key=f"{name or audience}-{number:06d}",
        audience=audience,
        subject=Subject.EVENT,
        revision=number if revision is None else revision,
        event=event,
        person=person,
    )
