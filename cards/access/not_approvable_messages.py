"""Messages about what no one can approve as things are: a pending request, or more time."""

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


def not_approvable(
    request: Request, event: Event, reader: Person | Actor | None = None
) -> EventMessage:
    """Say to its requester or its grantee, or to the audit channel, that approving is refused."""
    is_own = reader is not None and reader.object_id == request.requester.object_id
    name = "" if is_own else text.name_of(request.requester)
    about_more = bool(fact(event, "more_asked_at"))
    what = _more_time(request, event, reader) if about_more else _the_request(request, reader)
    return EventMessage(
        title=say("Can't be approved"),
        tone=Tone.WARNING,
        sentence=together(what, _who_tried(event)),
        quoted=quoted(say("Reason"), sentence_in(event, person=name)),
    )


def _the_request(request: Request, reader: Person | Actor | None) -> Sentence:
    who, secrets = person(request.requester), secrets_of(request)
    expires = sentence("It expires at {time}, unless that changes.", time=utc(request.lapses_at))
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
    return together(said, expires)


def _more_time(request: Request, event: Event, reader: Person | Actor | None) -> Sentence:
    secrets, end = secrets_of(request), moment_in(event, "expires_at")
    ends = sentence("Access ends at {end}.", end=Named(utc(end))) if end else ()
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
