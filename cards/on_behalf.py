"""What two people are told where one asked for access that the other one gets."""

from dataclasses import replace

from cards import text
from cards.elements import Named, Sentence
from cards.telling import Telling, fact, how_late, person, quoted, secrets_of
from cards.times import utc
from cards.to_requester import how_it_ended, still_readable, tell_requester, who_ended
from cards.tone import Tone
from domain.access import AccessEvent, Request
from domain.durations import say_duration
from domain.workflow import Event


def tell_asker(request: Request, event: Event) -> Telling:
    """Put an event into words for whoever asked; ValueError for a kind they are not told of."""
    telling = tell_requester(request, event)
    whose: Sentence = (person(request.holder), "'s access to ", *secrets_of(request))
    match event.kind:
        case AccessEvent.GRANTED:
            who = person(request.holder)
            return replace(telling, sentence=(who, " can read ", *_what_and_until(request)))
        case AccessEvent.REVOKED:
            if still := still_readable(event, text.name_of(request.holder)):
                grant = (person(request.holder), "'s grant for ", *secrets_of(request))
                over = (*grant, " has ended. ", *who_ended(request), *still, how_late(event))
                return replace(telling, sentence=over)
            ended = f"{how_it_ended(event)}{how_late(event)}"
            return replace(telling, sentence=(*whose, " is over. ", *who_ended(request), ended))
        case AccessEvent.STUCK:
            late = " should have ended, but Azure has not confirmed its removal. The admins know."
            return replace(telling, sentence=(*whose, late))
        case AccessEvent.CLOSED:
            closed = " was closed by an admin. Azure has not confirmed that it is gone."
            return replace(telling, sentence=(*whose, closed))
        case _:
            return telling


def tell_holder(request: Request, event: Event) -> Telling:
    """Put an event into words for whom it is; ValueError for a kind they are not told of."""
    asker = person(request.requester)
    match event.kind:
        case AccessEvent.REQUESTED:
            wants = f" for you, for {say_duration(request.window)}. You need do nothing."
            return Telling(
                title="Access is asked for you",
                tone=Tone.INFO,
                sentence=(asker, " asks for access to ", *secrets_of(request), wants),
                quoted=quoted("Why", request.justification),
            )
        case AccessEvent.GRANTED:
            granted = tell_requester(request, event)
            return replace(granted, sentence=(*granted.sentence, " ", asker, " asked for it."))
        case (
            AccessEvent.REVOKED
            | AccessEvent.STUCK
            | AccessEvent.CLOSED
            | AccessEvent.NOT_PERMITTED_YET
        ):
            return tell_requester(request, event)
        case AccessEvent.CANCELLED:
            return _came_to_nothing(request, " was withdrawn.")
        case AccessEvent.DENIED:
            return _came_to_nothing(request, " was denied.")
        case AccessEvent.LAPSED:
            return _came_to_nothing(request, " lapsed: nobody decided it in time.")
        case AccessEvent.FAILED:
            failed = _came_to_nothing(request, " was approved, but nothing was granted.")
            return replace(failed, quoted=quoted("What went wrong", fact(event, "reason")))
        case kind:
            raise ValueError(f"whom access is for is not told of {kind!r}")


def _came_to_nothing(request: Request, how: str) -> Telling:
    return Telling(
        title="You get no access",
        tone=Tone.QUIET,
        sentence=(
            person(request.requester),
            "'s request for you to read ",
            *secrets_of(request),
            how,
        ),
    )


def _what_and_until(request: Request) -> Sentence:
    expires_at = request.granted.expires_at
    until: Sentence = (" until ", Named(utc(expires_at))) if expires_at else ()
    return (*secrets_of(request), *until, f", for {say_duration(request.window)}.")
