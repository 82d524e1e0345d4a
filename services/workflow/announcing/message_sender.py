"""What delivers messages to Teams, and how it fails."""

from typing import Protocol

from domain.announcement import Announcement
from services.faults import Fault
from services.workflow.codec import Head
from services.workflow.messages import MessageRef


class RecipientUnreachable(Fault):
    """Teams can't deliver: the app isn't installed, is blocked, or was removed from the team."""


class MessageGone(Fault):
    """The message to update no longer exists."""


class MessageRefused(Fault):
    """Teams permanently refuses this message, even shortened; others aren't affected."""


class MessageSender(Protocol):
    """Delivers announcements to Teams."""

    async def post(
        self, announcement: Announcement, head: Head, thread: MessageRef | None
    ) -> MessageRef:
        """Post a message; an audit message goes into the workflow's thread, if there is one.

        A missing thread is replaced by a new one; the result says where the message is.
        Raises RecipientUnreachable, MessageRefused, or Unavailable if a retry may work.
        """

    async def update(self, ref: MessageRef, announcement: Announcement, head: Head) -> bool:
        """Update an existing message with the announcement's current content.

        Returns whether each attempt was answered; one that wasn't may still come, over later ones.
        Raises MessageGone in addition to what ``post`` raises.
        """
