"""What a question says once it's decided, in place of what it asked for."""

from cards.access.messages.window_messages import more_in
from cards.kit import text
from cards.kit.elements import Named, Sentence
from cards.kit.message import EventMessage, actor_of, person, secrets_of
from cards.kit.sentences import sentence, together
from cards.kit.times import duration, utc
from cards.kit.tone import Tone
from cards.languages.texts import say
from domain.access.request import Request, RequestState
from domain.access.transitions.extensions import asks_about, asks_for_more_again
from domain.workflow import Event


def decided_message(request: Request) -> EventMessage:
    """Say how a request was decided, in words that stay true whatever becomes of its access."""
    match request.state:
        case RequestState.LAPSED:
            return lapsed_message(request)
        case RequestState.CANCELLED if request.ended_by:
            said = together(_approved(request), _called_off(request))
            return EventMessage(title=say("Called off"), tone=Tone.QUIET, sentence=said)
        case RequestState.CANCELLED:
            return EventMessage(
                title=say("Cancelled"), tone=Tone.QUIET, sentence=_withdrawn(request)
            )
        case RequestState.DENIED:
            return EventMessage(title=say("Denied"), tone=Tone.BAD, sentence=_denied(request))
        case _:
            return EventMessage(title=say("Approved"), tone=Tone.INFO, sentence=_approved(request))


def lapsed_message(request: Request) -> EventMessage:
    """Say that a request wasn't decided in time; some approvals may have been given."""
    return EventMessage(
        title=say("Request expired"),
        tone=Tone.QUIET,
        sentence=sentence(
            "{who}'s request for {secrets} wasn't decided within {time}.",
            who=person(request.requester),
            secrets=secrets_of(request),
            time=duration(request.lapses_at - request.requested_at),
        ),
    )


def closed_question(request: Request, event: Event) -> EventMessage:
    """Say that nobody is asked for more time any more, and when access ends now."""
    end = request.granted.expires_at
    ends = say("Access now ends on {end}.", end=utc(end)) if end else ""
    return EventMessage(
        title=_what_became_of_it(request, event),
        tone=Tone.QUIET,
        sentence=together(
            _asked_for_more(request, event), ends if request.state is RequestState.ACTIVE else ""
        ),
    )


def _what_became_of_it(request: Request, event: Event) -> str:
    asked = request.extension
    if asked is None or not asks_about(asked, event):
        return say("Extension decided")
    if request.ended_before_its_window:
        return say("Extension not decided")
    return say("Extension not decided in time")


def _approved(request: Request) -> Sentence:
    who, secrets = person(request.requester), secrets_of(request)
    approvers = text.names_of(tuple(one.approver.as_person() for one in request.approvals))
    if not approvers:  # those whose approval stopped counting before a planned start
        return sentence("{who}'s request for {secrets} was approved.", who=who, secrets=secrets)
    return sentence(
        "{who}'s request for {secrets} was approved by {approvers}.",
        who=who,
        secrets=secrets,
        approvers=Named(approvers),
    )


def _called_off(request: Request) -> Sentence:
    if request.ended_by is None:
        return ()
    return sentence("{who} called it off before its start.", who=person(request.ended_by))


def _withdrawn(request: Request) -> Sentence:
    who, secrets = person(request.requester), secrets_of(request)
    return sentence("{who}'s request for {secrets} was withdrawn.", who=who, secrets=secrets)


def _denied(request: Request) -> Sentence:
    approver = request.denial.approver if request.denial else None
    return sentence(
        "{actor} denied {who}'s request for {secrets}.",
        actor=person(approver) if approver else Named("Latchkey"),
        who=person(request.requester),
        secrets=secrets_of(request),
    )


def _asked_for_more(request: Request, event: Event) -> Sentence:
    """Say who asked for more time, and for whom if it's someone else."""
    who, more, secrets = actor_of(event), more_in(event), secrets_of(request)
    if asks_for_more_again(event):
        return sentence(
            "{more} more access to {secrets} was requested for {reader}.",
            more=more,
            secrets=secrets,
            reader=person(request.holder),
        )
    if event.actor is None or event.actor.object_id == request.holder.object_id:
        return sentence(
            "{who} asked for {more} more access to {secrets}.", who=who, more=more, secrets=secrets
        )
    return sentence(
        "{who} asked for {more} more access for {reader} to {secrets}.",
        who=who,
        more=more,
        reader=person(request.holder),
        secrets=secrets,
    )
