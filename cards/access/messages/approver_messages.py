"""The message for a change of an open request's approvers."""

from cards.access.messages.window_messages import extension_asked
from cards.kit import text
from cards.kit.elements import Field, Named, Sentence
from cards.kit.message import EventMessage, approvers_then, fact, person, secrets_of
from cards.kit.sentences import sentence, together
from cards.kit.times import utc
from cards.kit.tone import Tone
from cards.languages.texts import listed, say
from domain.access.request import Request
from domain.access.transitions.extensions import asks_for_more_again
from domain.workflow import Event


def new_approvers_message(request: Request, event: Event) -> EventMessage:
    """Say who decides a request now, who no longer does, and which approvals no longer count."""
    enough = event.facts.get("enough")
    shown = [
        Field(say("Now asked"), _asked(event, "added")),
        Field(say("No longer asked"), _asked(event, "removed")),
        Field(say("No longer counts"), _dropped(event)),
        Field(say("Approvers"), approvers_then(request, event, request.terms) or say("no one")),
        Field(say("Approvals needed"), text.line(fact(event, "needed"))),
    ]
    return EventMessage(
        title=say("Approvers changed"),
        tone=Tone.INFO if enough else Tone.WARNING,
        sentence=together(
            _what_changed(request, event),
            _who_decides(request, event),
            "" if enough else say("There aren't enough approvers to approve it."),
        ),
        fields=tuple(field for field in shown if field.value),
    )


def decide_again_message(request: Request, event: Event) -> EventMessage:
    """Ask an approver to decide again, since an approval no longer counts; for any reader."""
    names = text.line(fact(event, "no_longer_counts")) or say("an approver")
    return EventMessage(
        title=say("Approval needed again"),
        tone=Tone.WARNING,
        sentence=together(
            _what_changed(request, event),
            sentence("The approval of {names} no longer counts.", names=Named(names)),
            extension_asked(request, event)
            if asks_for_more_again(event)
            else sentence(
                "{who}'s request for {secrets} expires on {time}.",
                who=person(request.requester),
                secrets=secrets_of(request),
                time=utc(request.lapses_at),
            ),
        ),
    )


def _who_decides(request: Request, event: Event) -> str:
    if event.facts.get("by_admins", request.reviewers is not None):
        return say("No approver is left, so an admin has to review this access.")
    return say("The current approvers decide it.")


def _asked(event: Event, how: str) -> str:
    groups = text.line(fact(event, f"{how}_groups"))
    people = text.line(fact(event, how))
    members = say("members of {group}", group=groups) if groups else ""
    return listed([some for some in (people, members) if some])


def _what_changed(request: Request, event: Event) -> Sentence:
    """Say why other people decide now: leaving secrets out can be another reason."""
    who, secrets = person(request.requester), secrets_of(request)
    if event.facts.get("left_out", bool(request.left_out)):
        return sentence(
            "The policy, its approvers or the secrets have changed for {who}'s request for "
            "{secrets}.",
            who=who,
            secrets=secrets,
        )
    return sentence(
        "The policy or its approvers have changed for {who}'s request for {secrets}.",
        who=who,
        secrets=secrets,
    )


def _dropped(event: Event) -> str:
    names = text.line(fact(event, "no_longer_counts"))
    if names and asks_for_more_again(event):
        return say("the approval of more time by {names}", names=names)
    return say("the approval of {names}", names=names) if names else ""
