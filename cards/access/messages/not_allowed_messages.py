"""Messages about what waits and isn't allowed as things are now: approvals, and later starts."""

from datetime import datetime

from cards.kit import text
from cards.kit.elements import Named, Sentence
from cards.kit.message import EventMessage, fact, moment_in, person, quoted, secrets_of
from cards.kit.sentences import sentence, together
from cards.kit.times import utc
from cards.kit.tone import Tone
from cards.languages.texts import say
from cards.reasons.sentences import sentence_in
from domain.access.request import Request
from domain.people import Actor, Person
from domain.workflow import Event


def not_allowed(
    request: Request, event: Event, reader: Person | Actor | None = None
) -> EventMessage:
    """Say to its requester or its grantee, or to the audit channel, what isn't possible now."""
    is_own = reader is not None and reader.object_id == request.requester.object_id
    name = "" if is_own else text.name_of(request.requester)
    title = say("Can't be approved")
    if start := moment_in(event, "starts_at"):
        title, what = say("Can't start as planned"), _start(request, start, reader)
    elif fact(event, "more_asked_at"):
        what = _more_time(request, event, reader)
    else:
        what = _the_request(request, reader)
    return EventMessage(
        title=title,
        tone=Tone.WARNING,
        sentence=together(what, _who_tried(event)),
        quoted=quoted(say("Reason"), sentence_in(event, person=name)),
    )


def _the_request(request: Request, reader: Person | Actor | None) -> Sentence:
    who, secrets = person(request.requester), secrets_of(request)
    stays = sentence(
        "It stays open until {time}, in case that changes.", time=utc(request.lapses_at)
    )
    if reader is None:
        said = sentence(
            "{who}'s request for {secrets} can't be approved as things are now.",
            who=who,
            secrets=secrets,
        )
    elif reader.object_id == request.requester.object_id:
        said = sentence(
            "Your request for {secrets} can't be approved as things are now.", secrets=secrets
        )
    else:
        said = sentence(
            "{who}'s request for you to read {secrets} can't be approved as things are now.",
            who=who,
            secrets=secrets,
        )
    return together(said, stays)


def _start(request: Request, start: datetime, reader: Person | Actor | None) -> Sentence:
    secrets, at = secrets_of(request), utc(start)
    if reader is not None and reader.object_id == request.holder.object_id:
        said = sentence(
            "Your access to {secrets} can't start on {start} as things are now.",
            secrets=secrets,
            start=at,
        )
    else:
        said = sentence(
            "{who}'s access to {secrets} can't start on {start} as things are now.",
            who=person(request.holder),
            secrets=secrets,
            start=at,
        )
    return together(said, say("It's checked again then, and starts if that has changed."))


def _more_time(request: Request, event: Event, reader: Person | Actor | None) -> Sentence:
    secrets, end = secrets_of(request), moment_in(event, "expires_at")
    ends = sentence("Access ends on {end}.", end=Named(utc(end))) if end else ()
    if reader is not None and reader.object_id == request.holder.object_id:
        said = sentence(
            "More time for your access to {secrets} can't be approved as things are now.",
            secrets=secrets,
        )
    else:
        said = sentence(
            "More time for {who}'s access to {secrets} can't be approved as things are now.",
            who=person(request.holder),
            secrets=secrets,
        )
    return together(said, ends)


def _who_tried(event: Event) -> Sentence:
    """Say which approver found out; empty if it was time for a reminder."""
    return sentence("{who} tried to approve it.", who=person(event.actor)) if event.actor else ()
