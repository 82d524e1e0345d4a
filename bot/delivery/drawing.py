"""Choose the card that shows an announcement."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.delivery.card_message import card_message
from bot.delivery.refresh import card_of, with_card
from cards.access.drill_card import drill_card
from cards.access.event_card import (
    audit_card,
    audit_summary,
    holder_card,
    holder_summary,
    outcome_card,
    requester_card,
    requester_summary,
)
from cards.access.messages.drill_messages import drill_audit_card, drill_message
from cards.access.messages.review_messages import REVIEW_EVENTS
from cards.access.messages.step_up_messages import (
    own_refused_sign_in_card,
    own_refused_sign_in_summary,
)
from cards.access.messages.window_messages import WINDOW_EVENTS
from cards.access.orphan_card import orphan_card, orphan_summary
from cards.access.own_card import own_card
from cards.access.request_card import request_card
from cards.access.review_card import review_card, review_summary
from cards.access.window_card import (
    approver_card,
    warning_card,
    warning_summary,
    window_summary,
)
from cards.audit.checkpoint_card import checkpoint_card, checkpoint_summary
from cards.audit.erasure_card import erasure_card, erasure_summary
from cards.audit.retention_card import retention_card, retention_summary
from cards.kit import text
from cards.kit.evidence_note import evidence_note
from cards.kit.mention import with_mentions
from cards.kit.message import all_secrets_of
from cards.kit.stacked import stacked
from cards.kit.substitute_card import substitute_card
from cards.languages.texts import say
from cards.operations.policy_file_card import policy_file_card, policy_file_summary
from cards.rotation.event_card import (
    rotation_audit_card,
    rotation_audit_summary,
    rotation_person_card,
    rotation_person_summary,
)
from cards.rotation.expiry_watch_card import watch_card, watch_summary
from cards.rotation.rotation_card import rotation_card
from domain.access.announcements import recipient_of
from domain.access.request import Request
from domain.announcement import Announcement, Audience
from domain.checkpoints.checkpoints import Checkpoints
from domain.drill.drill import Drill
from domain.erasure.erasure import Erasure
from domain.phrases import mark
from domain.policy_file.file import PolicyFile
from domain.reconciliation.orphan import Orphan
from domain.retention.retention import Retention
from domain.rotation.rotation import Rotation
from domain.rotation.schedule import ScheduledRotation
from domain.workflow import Event
from services.workflow.codec import Head

_REQUESTER_AND_HOLDER = (Audience.REQUESTER, Audience.HOLDER)


# Each follows the names of the people it speaks to.
_OUT_OF_REACH = mark("please decide here. I can't reach you in a personal chat.")
_OUT_OF_REACH_OF_REMINDERS = mark(
    "please decide, on the card in this channel. I can't reach you in a personal chat."
)
_DETAILS_IN_OWN_CHAT = mark("this is about your request. The details are in our own chat.")

_ASKED_TO_REVIEW = (Audience.APPROVER, Audience.CHANNEL, Audience.ADMIN)
_DECIDE = (Audience.APPROVER, Audience.CHANNEL)


def draw_announcement(
    announcement: Announcement, head: Head, own_at: datetime | None = None
) -> dict[str, Any]:
    """Draw the message for an announcement about any workflow.

    ``own_at``: the time now if the message is in its reader's own chat. In other chats, requesters
    don't get the card that is only for them.
    """
    if announcement.earlier:
        drawn = [draw_announcement(part, head, own_at) for part in announcement.parts]
        # The newest event is what the notification is about.
        return with_card(drawn[-1], stacked([card_of(each) for each in drawn]))
    if isinstance(head, Request):
        return draw_request(announcement, head, own_at)
    draw = _DRAWN_BY.get(type(head))
    if draw is None:
        raise ValueError(f"{head.id} has no announcements")
    return draw(announcement, head)


def draw_substitute(
    whole: dict[str, Any], announcement: Announcement, head: Head
) -> dict[str, Any]:
    """Draw the substitute for a message that Teams rejects as a whole."""
    is_evidence = announcement.audience is Audience.AUDIT and announcement.event
    note = evidence_note(announcement.revision, announcement.hash) if is_evidence else ""
    summary = str(whole.get("summary") or say("Something happened."))
    return card_message(substitute_card(summary, head.id, note), summary)


def draw_request(
    announcement: Announcement, request: Request, own_at: datetime | None = None
) -> dict[str, Any]:
    """Draw a message about a request; the buttons of decisions are for approvers."""
    event = announcement.event
    summary = text.plain(say("Access to {secrets}", secrets=all_secrets_of(request)))
    if event is None and own_at and recipient_of(announcement) == request.requester.object_id:
        return card_message(own_card(request, own_at), summary)
    if event is None:
        former = announcement.audience is Audience.FORMER_APPROVER
        decides = announcement.audience is not Audience.REQUESTER and not former
        is_own = any(announcement.key.endswith(one) for one in request.involved)
        card = request_card(
            request,
            buttons=decides,
            answers=decides and not is_own,
            former=former,
            reader=recipient_of(announcement),
        )
        card = with_mentions(card, announcement.mentions, say(_OUT_OF_REACH))
        return card_message(card, summary)
    if event.kind in REVIEW_EVENTS and announcement.audience in _ASKED_TO_REVIEW:
        buttons = announcement.audience in _DECIDE
        card = review_card(request, event, buttons=buttons)
        return card_message(card, review_summary(request, event))
    if announcement.audience in _DECIDE:
        card = approver_card(request, event, recipient_of(announcement))
        return card_message(card, window_summary(request, event))
    if announcement.audience in _REQUESTER_AND_HOLDER and event.kind in WINDOW_EVENTS:
        for_holder = announcement.audience is Audience.HOLDER
        card = warning_card(request, event, for_holder=for_holder)
        return card_message(card, warning_summary(request, event, for_holder=for_holder))
    if announcement.audience is Audience.REQUESTER:
        return card_message(requester_card(request, event), requester_summary(request, event))
    if announcement.audience is Audience.HOLDER:
        return card_message(holder_card(request, event), holder_summary(request, event))
    if announcement.audience is Audience.ACTOR:
        summary = own_refused_sign_in_summary(request, event)
        return card_message(own_refused_sign_in_card(request, event), summary)
    if announcement.audience is Audience.ASKED_IN:
        card = with_mentions(
            outcome_card(request, event), [request.requester.as_person()], say(_DETAILS_IN_OWN_CHAT)
        )
        return card_message(card, audit_summary(request, event))
    card = audit_card(request, event, announcement.revision, announcement.hash)
    card = with_mentions(card, announcement.mentions, say(_OUT_OF_REACH_OF_REMINDERS))
    return card_message(card, audit_summary(request, event))


def draw_rotation(announcement: Announcement, rotation: Rotation) -> dict[str, Any]:
    """Draw a message about a rotation; buttons are for second admins, and for those who help."""
    event = announcement.event
    if event is None:
        card = rotation_card(rotation, buttons=announcement.audience is not Audience.REQUESTER)
        return card_message(card, say("Rotation of {secret}", secret=rotation.secret))
    if announcement.audience is Audience.REQUESTER:
        card = rotation_person_card(rotation, event)
        return card_message(card, rotation_person_summary(rotation, event))
    card = rotation_audit_card(rotation, event, announcement.revision, announcement.hash)
    return card_message(card, rotation_audit_summary(rotation, event))


def draw_orphan(announcement: Announcement, orphan: Orphan) -> dict[str, Any]:
    """Draw an audit message about an orphaned assignment."""
    event = _event_of(announcement, orphan)
    card = orphan_card(orphan, event, announcement.revision, announcement.hash)
    return card_message(card, orphan_summary(orphan, event))


def draw_drill(announcement: Announcement, drill: Drill) -> dict[str, Any]:
    """Draw the card of a drill, or an audit message about it."""
    event = announcement.event
    if event is None:
        return card_message(drill_card(drill), say("Drill with {secret}", secret=drill.secret))
    card = drill_audit_card(drill, event, announcement.revision, announcement.hash)
    return card_message(card, drill_message(drill, event).summary())


def draw_checkpoint(announcement: Announcement, checkpoints: Checkpoints) -> dict[str, Any]:
    """Draw the audit message about a day's checkpoint."""
    event = _event_of(announcement, checkpoints)
    card = checkpoint_card(event, announcement.revision, announcement.hash)
    return card_message(card, checkpoint_summary(event))


def draw_retention(announcement: Announcement, retention: Retention) -> dict[str, Any]:
    """Draw the audit message about what was archived."""
    event = _event_of(announcement, retention)
    card = retention_card(event, announcement.revision, announcement.hash)
    return card_message(card, retention_summary(event))


def draw_erasure(announcement: Announcement, erasure: Erasure) -> dict[str, Any]:
    """Draw the audit message about a name that is erased."""
    event = _event_of(announcement, erasure)
    card = erasure_card(erasure.id, event, announcement.revision, announcement.hash)
    return card_message(card, erasure_summary(event))


def draw_policy_file(announcement: Announcement, policy_file: PolicyFile) -> dict[str, Any]:
    """Draw a message about a policy file change, for the audit channel or an admin."""
    event = _event_of(announcement, policy_file)
    is_audit = announcement.audience is Audience.AUDIT
    note = evidence_note(announcement.revision, announcement.hash) if is_audit else ""
    card = policy_file_card(policy_file, event, note, is_audit=is_audit)
    return card_message(card, policy_file_summary(event))


def draw_schedule(announcement: Announcement, schedule: ScheduledRotation) -> dict[str, Any]:
    """Draw an audit message about the watch over a secret's expiry."""
    event = _event_of(announcement, schedule)
    card = watch_card(schedule, event, announcement.revision, announcement.hash)
    return card_message(card, watch_summary(schedule, event))


def _event_of(announcement: Announcement, head: Head) -> Event:
    """Return the event that is shown, of a workflow that has no card of its own."""
    if announcement.event is None:
        raise ValueError(f"{announcement.key} of {head.id} shows no event")
    return announcement.event


_DRAWN_BY: Mapping[type[Any], Callable[[Announcement, Any], dict[str, Any]]] = {
    Rotation: draw_rotation,
    Orphan: draw_orphan,
    Drill: draw_drill,
    Checkpoints: draw_checkpoint,
    Retention: draw_retention,
    Erasure: draw_erasure,
    PolicyFile: draw_policy_file,
    ScheduledRotation: draw_schedule,
}
