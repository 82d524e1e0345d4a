"""Messages about access that was granted: they are drawn again when its end has changed."""

from cards.access.messages.window_messages import window_message
from cards.access.parts.endings import who_ended
from cards.access.parts.limits import less_fields
from cards.kit.elements import Named, Sentence
from cards.kit.message import EventMessage, moment_in, person, secrets_of
from cards.kit.sentences import sentence, together
from cards.kit.times import duration, utc
from cards.kit.tone import Tone
from cards.languages.texts import say
from domain.access.request import Request, RequestState
from domain.people import Actor, Person
from domain.workflow import Event


def granted_message(request: Request, event: Event, reader: Person | Actor) -> EventMessage:
    """Say until when access was granted, and what has become of it since."""
    early = _ended_early(request, reader)
    return EventMessage(
        title=say("Access granted"),
        tone=Tone.GOOD if request.state is RequestState.ACTIVE else Tone.QUIET,
        sentence=early or _until_when(request, event, reader),
        fields=tuple(less_fields(request)),
    )


def warning_message(request: Request, event: Event, reader: Person | Actor) -> EventMessage:
    """Warn that access ends soon, or say what has become of its end since."""
    end, warned_of = request.granted.expires_at, moment_in(event, "expires_at")
    if early := _ended_early(request, reader):
        return EventMessage(title=say("Ended early"), tone=Tone.QUIET, sentence=early)
    if request.state is not RequestState.ACTIVE:
        said = _was_to_end(request, reader)
        return EventMessage(title=say("Access was to end"), tone=Tone.QUIET, sentence=said)
    if end and warned_of and end != warned_of:
        return EventMessage(
            title=say("Access extended"),
            tone=Tone.INFO,
            sentence=together(
                _can_read(request, reader, Named(utc(end))),
                sentence("It was extended; before, it was until {until}.", until=utc(warned_of)),
            ),
        )
    return window_message(request, event)


def _ended_early(request: Request, reader: Person | Actor) -> Sentence:
    """Say in place of when access ends that it was ended early; empty if it wasn't."""
    ended = who_ended(request, reader)
    if not ended and request.out_of_band:
        ended = together(
            say("Someone else removed the role assignment in Azure before access was due to end.")
        )
    return together(_was_to_end(request, reader), ended) if ended else ()


def _until_when(request: Request, event: Event, reader: Person | Actor) -> Sentence:
    secrets, end = secrets_of(request), request.granted.expires_at
    window, at_first = duration(request.window), moment_in(event, "expires_at")
    if end is None:
        return _for_how_long(request, reader)
    until = Named(utc(end))
    if request.state is not RequestState.ACTIVE:
        return _was_to_end(request, reader)
    if at_first and at_first != end:
        return together(
            _can_read(request, reader, until),
            sentence("It was extended; before, it was until {until}.", until=utc(at_first)),
        )
    if _is_own(request, reader):
        return sentence(
            "You can read {secrets} until {until}, for {window}.",
            secrets=secrets,
            until=until,
            window=window,
        )
    return sentence(
        "{who} can read {secrets} until {until}, for {window}.",
        who=person(request.holder),
        secrets=secrets,
        until=until,
        window=window,
    )


def _for_how_long(request: Request, reader: Person | Actor) -> Sentence:
    """Say it of access whose end an older version didn't store."""
    secrets, window = secrets_of(request), duration(request.window)
    if _is_own(request, reader):
        return sentence("You can read {secrets}, for {window}.", secrets=secrets, window=window)
    who = person(request.holder)
    return sentence(
        "{who} can read {secrets}, for {window}.", who=who, secrets=secrets, window=window
    )


def _can_read(request: Request, reader: Person | Actor, until: Named) -> Sentence:
    secrets = secrets_of(request)
    if _is_own(request, reader):
        return sentence("You can read {secrets} until {until}.", secrets=secrets, until=until)
    who = person(request.holder)
    return sentence(
        "{who} can read {secrets} until {until}.", who=who, secrets=secrets, until=until
    )


def _was_to_end(request: Request, reader: Person | Actor) -> Sentence:
    end = request.granted.expires_at
    secrets, until = secrets_of(request), Named(utc(end) if end else say("an unknown date"))
    if _is_own(request, reader):
        return sentence("Your access to {secrets} was to end on {end}.", secrets=secrets, end=until)
    who = person(request.holder)
    return sentence(
        "{who}'s access to {secrets} was to end on {end}.", who=who, secrets=secrets, end=until
    )


def _is_own(request: Request, reader: Person | Actor) -> bool:
    return reader.object_id == request.holder.object_id
