"""Derive the messages for an access request from its events, and who gets them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from domain.access.request import AccessEvent, Request, RequestState
from domain.access.terms import Terms
from domain.access.transitions.approvers import (
    asks_again,
    asks_others_again,
    former_approvers,
    given,
    group_joined_after,
    had_approved,
    has_to_decide_again,
    joined_after,
)
from domain.access.transitions.extensions import asks_for_more_again, is_open_extension
from domain.access.updates import last_change, last_change_not_told, last_unplanned_change
from domain.announcement import REQUESTER_CARD, Announcement, Audience, Subject, event_announcement
from domain.people import Person
from domain.workflow import Event

_CHANNEL_CARD = "approvers-channel"
_SHARED_CHAT = "19:"
_COPY = "copy-"
_CONFIRMED = "-confirmed"


# These messages have buttons while access lasts, and say when it ends. An end on time makes nothing
# wrong that they say: their buttons go when the reader looks at them, and answer that it ended.
_ACTIVE_ACCESS_EVENTS = frozenset({AccessEvent.GRANTED, AccessEvent.EXPIRES_SOON})
_CHANGE_THEM = frozenset(
    {
        AccessEvent.EXTENSION_ASKED,
        AccessEvent.EXTENSION_ALLOWED,
        AccessEvent.EXTENDED,
        AccessEvent.EXTENSION_DENIED,
        AccessEvent.ENDED_EARLY,
        AccessEvent.VANISHED,
    }
)

REQUESTER_EVENTS = frozenset(
    {
        AccessEvent.UNREACHABLE,
        AccessEvent.NOT_ALLOWED_NOW,
        AccessEvent.NOT_PERMITTED_YET,
        AccessEvent.NO_ROOM_YET,
        AccessEvent.SCHEDULED,
        AccessEvent.CALLED_OFF,
        AccessEvent.DENIED,
        AccessEvent.LAPSED,
        AccessEvent.GRANTED,
        AccessEvent.EXPIRES_SOON,
        AccessEvent.EXTENDED,
        AccessEvent.EXTENSION_DENIED,
        AccessEvent.REVOKED,
        AccessEvent.STUCK,
        AccessEvent.CLOSED,
        AccessEvent.FAILED,
    }
)
_OUTCOMES = frozenset(
    {
        AccessEvent.SCHEDULED,
        AccessEvent.DENIED,
        AccessEvent.LAPSED,
        AccessEvent.GRANTED,
        AccessEvent.FAILED,
    }
)
"""What the channel or group hears in which a request was made."""
_HOLDER_EVENTS = (REQUESTER_EVENTS - {AccessEvent.UNREACHABLE}) | {
    AccessEvent.REQUESTED,
    AccessEvent.CANCELLED,
}
_WITHOUT_DECISION = frozenset(
    {AccessEvent.BLOCKED, AccessEvent.BROKE_GLASS, AccessEvent.APPROVED_BY_RULE}
)
_ABOUT_REVIEW = frozenset({AccessEvent.BROKE_GLASS, AccessEvent.REVIEW_ASKED})
_APPROVER_EVENTS = _ABOUT_REVIEW | {AccessEvent.REMINDED, AccessEvent.EXTENSION_ASKED}
_REMINDERS = frozenset({AccessEvent.REMINDED, AccessEvent.REVIEW_ASKED})
"""People who join later get the request itself, or the first question, and none of these before."""
_CHANNEL_EVENTS = _ABOUT_REVIEW | {AccessEvent.EXTENSION_ASKED}
_DECIDE = frozenset({Audience.APPROVER, Audience.CHANNEL})

_ROUTINE = frozenset(
    {
        AccessEvent.REQUESTED,
        AccessEvent.APPROVED,
        AccessEvent.APPROVED_BY_RULE,
        AccessEvent.SCHEDULED,
        AccessEvent.STARTED,
        AccessEvent.CALLED_OFF,
        AccessEvent.DENIED,
        AccessEvent.CANCELLED,
        AccessEvent.REMINDED,
        AccessEvent.GRANTED,
        AccessEvent.EXPIRES_SOON,
        AccessEvent.EXTENSION_ASKED,
        AccessEvent.EXTENSION_ALLOWED,
        AccessEvent.EXTENDED,
        AccessEvent.EXTENSION_DENIED,
        AccessEvent.ENDED,
        AccessEvent.ENDED_EARLY,
        AccessEvent.REVOKED,
        AccessEvent.REVIEWED,
        AccessEvent.READS_SEEN,
    }
)
"""Events whose audit messages can be one. Alarms aren't among them, nor are very long messages."""


def announcements(request: Request, events: Sequence[Event]) -> tuple[Announcement, ...]:
    """Derive every message of a request; ``events`` are all its events, from number 1."""
    numbered = list(enumerate(events, start=1))
    return (
        *_requester_card(request, numbered),
        *_to_approvers(request, numbered),
        *_events_to_approvers(request, numbered, events),
        *_events_to_channel(request, numbered),
        *_to_former_approvers(request, events),
        *_events_to_admins(request, numbered),
        *_to_requester(request, numbered),
        *_to_where_it_was_asked(request, numbered),
        *_to_holder(request, numbered),
        *_to_actor(numbered),
        *_to_audit_channel(request, numbered),
    )


def is_shared_chat(conversation_id: str) -> bool:
    """Return whether several people are in a conversation: a channel, a thread, or a group.

    Source: the conversation IDs that Teams sends; those of personal chats start with ``a:``.
    """
    return conversation_id.startswith(_SHARED_CHAT)


def own_message_key(number: int) -> str:
    """Return the key of the requester's own message for an event, by its number."""
    return f"{Audience.REQUESTER}-{number:06d}"


def approver_key(person_id: str) -> str:
    """Return the key of the card on which an approver decides."""
    return f"{Audience.APPROVER}-{person_id}"


def copy_key(person_id: str, *, decides: bool) -> str:
    """Return the key of the latest copy of a request's card that someone asked for.

    ``decides``: the copy has the approver's buttons.
    """
    audience = Audience.APPROVER if decides else Audience.REQUESTER
    return f"{_COPY}{audience}-{person_id}"


def confirmed_key(person_id: str) -> str:
    """Return the key of the card that asked someone whether to end access, once they confirmed."""
    return f"{copy_key(person_id, decides=False)}{_CONFIRMED}"


def recipient_of(announcement: Announcement) -> str:
    """Return the object ID of the one person a message is for; empty for a channel."""
    if announcement.person:
        return announcement.person.object_id
    if not announcement.key.startswith(_COPY):
        return ""
    return announcement.key.removeprefix(_COPY).partition("-")[2].removesuffix(_CONFIRMED)


def reader_of(announcement: Announcement) -> str:
    """Return the object ID of the one person who reads a message; empty for a channel."""
    return recipient_of(announcement) or announcement.reader


def can_change(announcement: Announcement) -> bool:
    """Return whether later events can change what a message shows."""
    event = announcement.event
    return event is None or announcement.audience in _DECIDE or event.kind in _ACTIVE_ACCESS_EVENTS


def copies(
    keys: Iterable[str], events: Sequence[Event], former: Collection[str] = ()
) -> tuple[Announcement, ...]:
    """Derive the copies of a request's card, so that they're kept up to date.

    ``former`` are the object IDs of former approvers.
    """
    return tuple(
        Announcement(
            key=key,
            audience=_audience_of(key, former),
            subject=Subject.WORKFLOW,
            revision=last_change(list(enumerate(events, start=1))),
            opens=False,
        )
        for key in sorted(keys)
        if key.startswith(_COPY)
    )


def _audience_of(copy: str, former: Collection[str]) -> Audience:
    audience, _, person_id = copy.removeprefix(_COPY).partition("-")
    if Audience(audience) is Audience.APPROVER and person_id in former:
        return Audience.FORMER_APPROVER
    return Audience(audience)


def _requester_card(
    request: Request, numbered: Sequence[tuple[int, Event]]
) -> tuple[Announcement, ...]:
    """The card that answered the request; it's updated in place."""
    return (
        Announcement(
            key=REQUESTER_CARD,
            audience=Audience.REQUESTER,
            subject=Subject.WORKFLOW,
            revision=last_change(numbered),
            revision_if_refreshed=last_change_not_told(numbered),
            opens=False,
            person=request.requester.as_person(),
        ),
    )


def _to_approvers(
    request: Request, numbered: Sequence[tuple[int, Event]]
) -> tuple[Announcement, ...]:
    """One card per approver, and one in the channel for those who don't get one."""
    if any(event.kind in _WITHOUT_DECISION for _, event in numbered):
        return ()
    revision, unplanned = last_change(numbered), last_unplanned_change(numbered)
    pending = request.state is RequestState.PENDING
    cards = [
        Announcement(
            key=approver_key(person.object_id),
            audience=Audience.APPROVER,
            subject=Subject.WORKFLOW,
            revision=revision,
            revision_if_refreshed=unplanned,
            opens=pending,
            person=person,
        )
        for person in request.terms.approvers
        if person.object_id not in request.involved
    ]
    unreachable = {
        event.facts.get("approver")
        for _, event in numbered
        if event.kind == AccessEvent.UNREACHABLE
    }
    if unreachable or request.terms.in_channel:
        mentions = [each for each in request.terms.approvers if each.object_id in unreachable]
        cards.append(
            Announcement(
                key=_CHANNEL_CARD,
                audience=Audience.AUDIT,
                subject=Subject.WORKFLOW,
                revision=revision,
                opens=pending,
                mentions=tuple(mentions) if pending else (),
            )
        )
    return tuple(cards)


def _events_to_approvers(
    request: Request, numbered: Sequence[tuple[int, Event]], events: Sequence[Event]
) -> tuple[Announcement, ...]:
    """Questions and reminders to approvers; their buttons go once there is nothing to decide."""
    revision, unplanned = last_change(numbered), last_unplanned_change(numbered)
    return tuple(
        Announcement(
            key=f"approver-{person.object_id}-{number:06d}",
            audience=Audience.APPROVER,
            subject=Subject.EVENT,
            revision=revision,
            revision_if_refreshed=unplanned,
            opens=_is_open(request, event) and not _has_approved_since(request, event, person),
            event=event,
            person=person,
        )
        for number, event in numbered
        if _is_for_approvers(event)
        for person in _who_is_asked(request, event).approvers
        if person.object_id not in request.involved
        # The buttons of the others were there all the time.
        if not asks_again(event) or has_to_decide_again(person.object_id, event)
        if not (event.kind in _REMINDERS and joined_after(person, number, events))
        if not (
            event.kind == AccessEvent.REMINDED and had_approved(person.object_id, number, events)
        )
    )


def _events_to_channel(
    request: Request, numbered: Sequence[tuple[int, Event]]
) -> tuple[Announcement, ...]:
    """Questions to a group with too many members to ask each of them."""
    events = [event for _, event in numbered]
    return tuple(
        Announcement(
            key=f"{_CHANNEL_CARD}-{number:06d}",
            audience=Audience.CHANNEL,
            subject=Subject.EVENT,
            revision=last_change(numbered),
            opens=_is_open(request, event),
            event=event,
        )
        for number, event in numbered
        if event.kind in _CHANNEL_EVENTS or asks_others_again(request, event)
        if _who_is_asked(request, event).in_channel
        if not (event.kind in _REMINDERS and group_joined_after(number, events))
    )


def _to_former_approvers(request: Request, events: Sequence[Event]) -> tuple[Announcement, ...]:
    """The messages of former approvers: each says that they can no longer decide."""
    numbers = [n for n, event in enumerate(events, start=1) if _is_for_approvers(event)]
    return tuple(
        Announcement(
            key=f"approver-{person_id}{suffix}",
            audience=Audience.FORMER_APPROVER,
            subject=Subject.WORKFLOW,
            revision=len(events),
            opens=False,
            reader=person_id,
        )
        for person_id in sorted(former_approvers(request, events))
        for suffix in ("", *(f"-{number:06d}" for number in numbers))
    )


def _events_to_admins(
    request: Request, numbered: Sequence[tuple[int, Event]]
) -> tuple[Announcement, ...]:
    """Messages to admins about break-glass access."""
    asked = {person.object_id for person in request.review_terms.approvers}
    return tuple(
        event_announcement(Audience.ADMIN, number, event, person, name=f"admin-{person.object_id}")
        for number, event in numbered
        if event.kind == AccessEvent.BROKE_GLASS
        for person in request.admins
        if person.object_id not in request.involved | asked
    )


def _who_is_asked(request: Request, event: Event) -> Terms:
    """Return the terms that say whom a question goes to."""
    return request.review_terms if event.kind in _ABOUT_REVIEW else request.terms


def _is_for_approvers(event: Event) -> bool:
    return event.kind in _APPROVER_EVENTS or asks_again(event)


def _has_approved_since(request: Request, event: Event, person: Person) -> bool:
    """Return whether someone who has to decide again has done so; False for other questions."""
    ids = {approval.approver.object_id for approval in given(request)}
    return asks_again(event) and person.object_id in ids


def _is_open(request: Request, event: Event) -> bool:
    if event.kind in _ABOUT_REVIEW:
        return request.review is None
    if event.kind == AccessEvent.REMINDED or (asks_again(event) and not asks_for_more_again(event)):
        return request.state is RequestState.PENDING
    return is_open_extension(request, event)


def _to_requester(
    request: Request, numbered: Sequence[tuple[int, Event]]
) -> tuple[Announcement, ...]:
    requester = request.requester.as_person()
    return tuple(
        event_announcement(
            Audience.REQUESTER, number, event, requester, _shown_at(number, event, numbered)
        )
        for number, event in numbered
        if event.kind in REQUESTER_EVENTS
    )


def _to_where_it_was_asked(
    request: Request, numbered: Sequence[tuple[int, Event]]
) -> tuple[Announcement, ...]:
    """The outcome, for the channel or group in which the request was made."""
    if not is_shared_chat(request.asked_in):
        return ()
    requester = request.requester.as_person()
    return tuple(
        event_announcement(Audience.ASKED_IN, number, event, requester)
        for number, event in numbered
        if event.kind in _OUTCOMES
    )


def _to_holder(request: Request, numbered: Sequence[tuple[int, Event]]) -> tuple[Announcement, ...]:
    if request.beneficiary is None:
        return ()
    return tuple(
        event_announcement(
            Audience.HOLDER, number, event, request.beneficiary, _shown_at(number, event, numbered)
        )
        for number, event in numbered
        if event.kind in _HOLDER_EVENTS
    )


def _to_actor(numbered: Sequence[tuple[int, Event]]) -> tuple[Announcement, ...]:
    """Messages to people whose sign-in didn't confirm what they did."""
    return tuple(
        event_announcement(Audience.ACTOR, number, event, event.actor.as_person())
        for number, event in numbered
        if event.kind == AccessEvent.SIGN_IN_REFUSED and event.actor
    )


def _shown_at(number: int, event: Event, numbered: Sequence[tuple[int, Event]]) -> int:
    """Return the last event that the message for an event shows: itself, or a later change."""
    if event.kind in {AccessEvent.REVOKED, AccessEvent.FAILED}:
        seen = (later for later, each in numbered if each.kind == AccessEvent.READS_SEEN)
        return max([number, *seen])
    if event.kind not in _ACTIVE_ACCESS_EVENTS:
        return number
    return max([number, *(later for later, each in numbered if each.kind in _CHANGE_THEM)])


def _to_audit_channel(
    request: Request, numbered: Sequence[tuple[int, Event]]
) -> tuple[Announcement, ...]:
    """Every event; questions and reminders mention the approvers whom only the channel reaches.

    The warning before the end waits for the next event, which is at the latest the end itself.
    """
    found: list[Announcement] = []
    unreachable: set[object] = set()
    events = [event for _, event in numbered]
    for number, event in numbered:
        if event.kind == AccessEvent.UNREACHABLE:
            unreachable.add(event.facts.get("approver"))
        asked = unreachable if _is_for_approvers(event) else ()
        approvers = _who_is_asked(request, event).approvers
        mentions = tuple(
            one
            for one in approvers
            if one.object_id in asked
            and (not asks_again(event) or has_to_decide_again(one.object_id, event))
            and not (
                event.kind == AccessEvent.REMINDED and had_approved(one.object_id, number, events)
            )
        )
        found.append(
            replace(
                event_announcement(Audience.AUDIT, number, event),
                mentions=mentions,
                is_routine=event.kind in _ROUTINE and not mentions,
                opens=number <= last_change(numbered),
            )
        )
    return tuple(found)
