"""The audit message for each event of a request, with its facts."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from cards.access.messages.approver_messages import new_approvers_message
from cards.access.messages.decided_messages import lapsed_message
from cards.access.messages.not_allowed_messages import not_allowed
from cards.access.messages.overdue_messages import OVERDUE_EVENTS, overdue_message
from cards.access.messages.proof_messages import reads_seen
from cards.access.messages.requester_messages import no_room_yet, not_permitted_yet
from cards.access.messages.review_messages import REVIEW_EVENTS, review_message
from cards.access.messages.start_messages import START_EVENTS, start_message
from cards.access.messages.step_up_messages import confirmation_fields, refused_sign_in_message
from cards.access.messages.window_messages import WINDOW_EVENTS, window_message
from cards.access.parts.asking import asks_for
from cards.access.parts.conditions import describe_conditions
from cards.access.parts.endings import (
    CONTINUES,
    THEY,
    access_ended,
    grant_ended,
    how_it_ended,
    rotation_due,
    still_readable,
)
from cards.access.parts.left_out import left_out_fields
from cards.access.parts.limits import limits_in
from cards.access.parts.opened import could_be_read, was_opened
from cards.access.parts.scope import describe_roles, describe_scope
from cards.kit import text
from cards.kit.azure_answers import answer_in, azure_answered, is_locked
from cards.kit.elements import Field, Named, Sentence, moment
from cards.kit.message import (
    EventMessage,
    actor_of,
    approvers_then,
    fact,
    how_late,
    moment_in,
    names_in,
    person,
    quoted,
    secrets_of,
)
from cards.kit.sentences import sentence, together
from cards.kit.times import utc
from cards.kit.tone import Tone
from cards.languages.texts import say
from cards.reasons.sentences import sentence_in
from domain.access.request import AccessEvent, Request
from domain.access.transitions.as_asked import as_asked_for
from domain.workflow import Event

_LONGEST_LIST = 1_500
"""Characters: the names of ten secrets fit."""


def audit_message(request: Request, event: Event) -> EventMessage:
    """Write the audit message for an event, with the sign-in that confirmed it."""
    write = _MESSAGES.get(event.kind)
    if write is None:
        raise ValueError(f"{event.kind!r} is not an event of an access request")
    message = write(request, event)
    return replace(message, fields=(*message.fields, *confirmation_fields(event)))


def _requested(request: Request, event: Event) -> EventMessage:
    asked = as_asked_for(request, event.facts)
    return EventMessage(
        title=say("Access requested"),
        tone=Tone.INFO,
        sentence=asks_for(asked),
        fields=(
            Field(say("Opens"), describe_scope(asked.targets)),
            Field(say("Approvers"), approvers_then(request, event, request.terms)),
            *([moment(say("Starts"), request.starts_at)] if request.starts_at else []),
        ),
        quoted=quoted(say("Why"), request.justification),
    )


def _blocked(request: Request, event: Event) -> EventMessage:
    return EventMessage(
        title=say("Request blocked by policy"),
        tone=Tone.BAD,
        sentence=_refused(request, event),
        quoted=quoted(say("Why the policy refuses it"), _reason(request, event)),
    )


def _reason(request: Request, event: Event) -> str:
    return sentence_in(event, person=text.name_of(request.requester))


def _refused(request: Request, event: Event) -> Sentence:
    who, secrets = person(request.requester), secrets_of(request)
    typed = text.line(fact(event, "for_name"), text.LONGEST_NAME)
    reader = person(request.colleague) if request.colleague else Named(typed)
    if not reader.words:
        return sentence("{who} asked to read {secrets} and was refused.", who=who, secrets=secrets)
    return sentence(
        "{who} asked to let {reader} read {secrets} and was refused.",
        who=who,
        reader=reader,
        secrets=secrets,
    )


def _approved(request: Request, event: Event) -> EventMessage:
    return EventMessage(
        title=say("Approved"),
        tone=Tone.INFO,
        sentence=together(
            sentence(
                "{actor} approved {who}'s request for {secrets}: {count} of {needed} needed.",
                actor=actor_of(event),
                who=person(request.requester),
                secrets=secrets_of(request),
                count=text.line(fact(event, "approvals")),
                needed=text.line(fact(event, "needed")),
            ),
            _with_limits(request, event),
            _without(event),
        ),
        quoted=quoted(say("Note"), fact(event, "note")),
    )


def _approved_by_rule(request: Request, event: Event) -> EventMessage:
    return EventMessage(
        title=say("Approved by rule"),
        tone=Tone.INFO,
        sentence=together(
            sentence(
                "The policy approved {who}'s request for {secrets}; no one was asked.",
                who=person(request.requester),
                secrets=secrets_of(request),
            ),
            sentence("The rule: {rule}.", rule=Named(names_in(event, "rule"))),
        ),
        fields=(Field(say("Conditions"), describe_conditions(fact(event, "conditions"))),),
    )


def _with_limits(request: Request, event: Event) -> Sentence:
    limits = limits_in(request, event)
    return sentence("Allowed: {limits}.", limits=Named(limits)) if limits else ()


def _without(event: Event) -> Sentence:
    names = text.line(fact(event, "left_out"), _LONGEST_LIST)
    return sentence("Left out: {secrets}.", secrets=Named(names)) if names else ()


def _denied(request: Request, event: Event) -> EventMessage:
    return EventMessage(
        title=say("Denied"),
        tone=Tone.BAD,
        sentence=sentence(
            "{actor} denied {who}'s request for {secrets}.",
            actor=actor_of(event),
            who=person(request.requester),
            secrets=secrets_of(request),
        ),
        quoted=quoted(say("Reason"), fact(event, "reason")),
    )


def _cancelled(request: Request, event: Event) -> EventMessage:
    return EventMessage(
        title=say("Cancelled"),
        tone=Tone.QUIET,
        sentence=_withdrawn(request, event),
    )


def _withdrawn(request: Request, event: Event) -> Sentence:
    actor, secrets = actor_of(event), secrets_of(request)
    if event.facts.get("starts_at"):
        return sentence(
            "{actor} withdrew the request for {secrets} before its start.",
            actor=actor,
            secrets=secrets,
        )
    return sentence(
        "{actor} withdrew the request for {secrets} before it was decided.",
        actor=actor,
        secrets=secrets,
    )


def _unreachable(request: Request, event: Event) -> EventMessage:
    approver = text.line(fact(event, "name"), text.LONGEST_NAME) or say("An approver")
    return EventMessage(
        title=say("Approver not reachable"),
        tone=Tone.WARNING,
        sentence=sentence(
            "{approver} can't be reached in Teams; {who}'s request for {secrets} was posted in "
            "this channel.",
            approver=Named(approver),
            who=person(request.requester),
            secrets=secrets_of(request),
        ),
    )


def _granted(request: Request, event: Event) -> EventMessage:
    return EventMessage(
        title=say("Access granted"),
        tone=Tone.GOOD,
        sentence=sentence(
            "{who} can read {secrets}.",
            who=person(request.holder),
            secrets=secrets_of(request),
        ),
        fields=(
            Field(say("Until"), _end_when_granted(request, event)),
            Field(say("Role"), describe_roles(request.targets)),
            Field(say("Opens"), describe_scope(request.targets)),
            *left_out_fields(request),
            Field(_assignments(request), text.line(fact(event, "assignment"))),
        ),
    )


def _end_when_granted(request: Request, event: Event) -> str:
    expires_at = moment_in(event, "expires_at") or request.granted.expires_at
    return utc(expires_at) if expires_at else say("not known")


def _assignments(request: Request) -> str:
    one = len(request.assignments) == 1
    return say("Role assignment") if one else say("Role assignments")


def _ended(request: Request, _: Event) -> EventMessage:
    return EventMessage(
        title=say("Access expired"),
        tone=Tone.INFO,
        sentence=sentence(
            "{who}'s access to {secrets} has expired and is being removed.",
            who=person(request.holder),
            secrets=secrets_of(request),
        ),
    )


def _ended_early(request: Request, event: Event) -> EventMessage:
    expires_at = request.granted.expires_at
    return EventMessage(
        title=say("Ended early"),
        tone=Tone.INFO,
        sentence=_who_ended_early(request, event),
        fields=(
            Field(say("Was due to end"), utc(expires_at) if expires_at else say("not granted yet")),
        ),
    )


def _who_ended_early(request: Request, event: Event) -> Sentence:
    if event.actor and event.actor.object_id == request.holder.object_id:
        return sentence(
            "{who} ended their own access to {secrets} early; it is being removed.",
            who=person(request.holder),
            secrets=secrets_of(request),
        )
    return sentence(
        "{actor} ended {who}'s access to {secrets} early; it is being removed.",
        actor=actor_of(event),
        who=person(request.holder),
        secrets=secrets_of(request),
    )


def _gave_up(request: Request, event: Event) -> EventMessage:
    return EventMessage(
        title=say("Grant failed"),
        tone=Tone.WARNING,
        sentence=together(
            sentence(
                "Access to {secrets} could not be granted to {who}; anything the attempt left "
                "behind is being removed.",
                secrets=secrets_of(request),
                who=person(request.holder),
            ),
            azure_answered(event),
        ),
        quoted=quoted(say("What went wrong"), _reason(request, event)),
    )


def _missing(request: Request, event: Event) -> EventMessage:
    return EventMessage(
        title=say("Access removed out of band"),
        tone=Tone.WARNING,
        sentence=_gone(request, names_in(event, "secrets")),
    )


def _gone(request: Request, part: str) -> Sentence:
    who, secrets = person(request.holder), secrets_of(request)
    if part:
        return together(
            sentence(
                "{who}'s access to {secrets} ends early: someone else removed the role assignment "
                "for {part} in Azure.",
                who=who,
                secrets=secrets,
                part=Named(part),
            ),
            say("The rest is being removed, and the request is closed."),
        )
    return together(
        sentence(
            "{who}'s access to {secrets} ended early: someone else removed the role assignment in "
            "Azure.",
            who=who,
            secrets=secrets,
        ),
        say("The request is closed."),
    )


def _revoked(request: Request, event: Event) -> EventMessage:
    ended, due = _no_longer_granted(request, event), rotation_due(request, event)
    return replace(ended, sentence=together(ended.sentence, due))


def _no_longer_granted(request: Request, event: Event) -> EventMessage:
    if still := still_readable(request, event.facts, THEY):
        other = text.line(fact(event, "still_by"))
        return EventMessage(
            title=say(CONTINUES),
            tone=Tone.WARNING,
            sentence=together(grant_ended(request), still, how_it_ended(event), how_late(event)),
            fields=(Field(say("Other grant"), other),) if other else (),
        )
    return EventMessage(
        title=say("Access revoked"), tone=Tone.QUIET, sentence=access_ended(request, event, THEY)
    )


def _stuck(request: Request, event: Event) -> EventMessage:
    since = request.revoke_since
    return EventMessage(
        title=say("Revocation stuck"),
        tone=Tone.BAD,
        sentence=together(_what_to_do(request, event), azure_answered(event)),
        fields=(
            Field(say("Due since"), utc(since) if since else say("not known")),
            Field(say("Attempts"), text.line(fact(event, "attempt"))),
        ),
        quoted=quoted(say("Azure said"), fact(event, "cause")),
    )


def _what_to_do(request: Request, event: Event) -> Sentence:
    who, secrets = person(request.holder), secrets_of(request)
    if is_locked(answer_in(event)):
        return together(
            sentence(
                "{who}'s access to {secrets} should be gone, but a resource lock keeps Azure from "
                "removing it.",
                who=who,
                secrets=secrets,
            ),
            say("Remove the lock, and the access will be removed within five minutes."),
        )
    return together(
        sentence(
            "{who}'s access to {secrets} should be gone, but Azure hasn't confirmed it.",
            who=who,
            secrets=secrets,
        ),
        say("Latchkey retries until Azure does. Please look into it now."),
    )


def _failed(request: Request, event: Event) -> EventMessage:
    return EventMessage(
        title=say("Grant failed") if was_opened(event) else say("Failed, nothing granted"),
        tone=Tone.BAD,
        sentence=together(
            sentence(
                "{who} didn't get access to {secrets}.",
                who=person(request.holder),
                secrets=secrets_of(request),
            ),
            could_be_read(event),
            rotation_due(request, event),
            how_late(event),
            azure_answered(event),
        ),
        quoted=quoted(say("What went wrong"), _reason(request, event)),
    )


def _not_permitted_yet(request: Request, event: Event) -> EventMessage:
    return not_permitted_yet(request, event, azure_answered(event))


def _no_room_yet(request: Request, event: Event) -> EventMessage:
    return no_room_yet(request, event, azure_answered(event))


_MESSAGES: Mapping[str, Callable[[Request, Event], EventMessage]] = {
    AccessEvent.REQUESTED: _requested,
    AccessEvent.BLOCKED: _blocked,
    AccessEvent.APPROVED: _approved,
    AccessEvent.APPROVED_BY_RULE: _approved_by_rule,
    AccessEvent.APPROVERS_CHANGED: new_approvers_message,
    **dict.fromkeys(START_EVENTS, start_message),
    AccessEvent.SIGN_IN_REFUSED: refused_sign_in_message,
    AccessEvent.DENIED: _denied,
    AccessEvent.CANCELLED: _cancelled,
    AccessEvent.LAPSED: lambda request, _: lapsed_message(request),
    AccessEvent.UNREACHABLE: _unreachable,
    AccessEvent.NOT_ALLOWED_NOW: not_allowed,
    AccessEvent.NOT_PERMITTED_YET: _not_permitted_yet,
    AccessEvent.NO_ROOM_YET: _no_room_yet,
    AccessEvent.GRANTED: _granted,
    AccessEvent.ENDED: _ended,
    AccessEvent.ENDED_EARLY: _ended_early,
    AccessEvent.GAVE_UP: _gave_up,
    AccessEvent.VANISHED: _missing,
    AccessEvent.REVOKED: _revoked,
    AccessEvent.READS_SEEN: lambda request, _: reads_seen(request),
    AccessEvent.STUCK: _stuck,
    **dict.fromkeys(OVERDUE_EVENTS, overdue_message),
    AccessEvent.FAILED: _failed,
    **dict.fromkeys(REVIEW_EVENTS, review_message),
    **dict.fromkeys(WINDOW_EVENTS, window_message),
}
