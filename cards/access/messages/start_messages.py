"""Messages about access with a start in the future, for any reader."""

from cards.kit.elements import Field, Named, Sentence, moment
from cards.kit.message import EventMessage, actor_of, moment_in, person, secrets_of
from cards.kit.sentences import sentence, together
from cards.kit.times import utc
from cards.kit.tone import Tone
from cards.languages.texts import say
from domain.access.request import AccessEvent, Request
from domain.workflow import Event

START_EVENTS = frozenset({AccessEvent.SCHEDULED, AccessEvent.STARTED, AccessEvent.CALLED_OFF})


def start_message(request: Request, event: Event, *, own: bool = False) -> EventMessage:
    """Write the message for one of these events; ``own`` is for the grantee.

    Raises ValueError for other kinds.
    """
    match event.kind:
        case AccessEvent.SCHEDULED:
            return EventMessage(
                title=say("Approved, starts later"),
                tone=Tone.INFO,
                sentence=together(
                    _scheduled(request, event, own=own),
                    say("Nothing is granted before that, and the approval is checked again then."),
                ),
                fields=_when(event),
            )
        case AccessEvent.STARTED:
            return EventMessage(
                title=say("Start reached"),
                tone=Tone.INFO,
                sentence=together(
                    _started(request, own=own),
                    say("All checks passed, and it is being granted."),
                ),
            )
        case AccessEvent.CALLED_OFF:
            return EventMessage(
                title=say("Called off"),
                tone=Tone.WARNING,
                sentence=together(
                    _called_off(request, event, own=own), say("Nothing was granted.")
                ),
            )
        case kind:
            raise ValueError(f"{kind!r} is not about a start in the future")


def _scheduled(request: Request, event: Event, *, own: bool) -> Sentence:
    secrets, start = secrets_of(request), _start(event)
    if own:
        return sentence(
            "Your access to {secrets} is approved and starts on {start}.",
            secrets=secrets,
            start=start,
        )
    return sentence(
        "{who}'s access to {secrets} is approved and starts on {start}.",
        who=person(request.holder),
        secrets=secrets,
        start=start,
    )


def _started(request: Request, *, own: bool) -> Sentence:
    secrets = secrets_of(request)
    if own:
        return sentence("Your access to {secrets} starts now.", secrets=secrets)
    who = person(request.holder)
    return sentence("{who}'s access to {secrets} starts now.", who=who, secrets=secrets)


def _called_off(request: Request, event: Event, *, own: bool) -> Sentence:
    actor, secrets, start = actor_of(event), secrets_of(request), _start(event)
    if own:
        return sentence(
            "{actor} called off your access to {secrets} before its start on {start}.",
            actor=actor,
            secrets=secrets,
            start=start,
        )
    return sentence(
        "{actor} called off {who}'s access to {secrets} before its start on {start}.",
        actor=actor,
        who=person(request.holder),
        secrets=secrets,
        start=start,
    )


def _when(event: Event) -> tuple[Field, ...]:
    at = moment_in(event, "starts_at")
    return (moment(say("Starts"), at),) if at else ()


def _start(event: Event) -> Named:
    at = moment_in(event, "starts_at")
    return Named(utc(at) if at else say("an unknown date"))
