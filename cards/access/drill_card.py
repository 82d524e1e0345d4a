"""The card of a drill: the question whether to begin one, and one in every state."""

from microsoft_teams.cards import Action, CardElement, ExecuteAction

from cards.access.parts.scope import describe_role
from cards.kit import text, verbs
from cards.kit.elements import (
    Content,
    Field,
    Named,
    Sentence,
    card,
    correlation,
    fields,
    header,
    paragraph,
    quote,
    rich_text,
    run,
)
from cards.kit.message import person
from cards.kit.sentences import sentence
from cards.kit.times import brief, duration, second_of
from cards.kit.tone import Tone
from cards.languages.texts import say
from cards.reasons.sentences import sentence_of
from domain.access.request import RequestState
from domain.drill.drill import SHARED, WINDOW, Drill, DrillState
from domain.phrases import mark

_STATUS = {
    RequestState.GRANTING: (mark("Giving access"), Tone.INFO),
    RequestState.ACTIVE: (mark("Given, and read back"), Tone.INFO),
    RequestState.REVOKING: (mark("Taking it away"), Tone.INFO),
    RequestState.STUCK: (mark("Can't be taken away"), Tone.BAD),
    RequestState.CLOSED: (mark("Closed by an admin, removal not confirmed"), Tone.BAD),
    DrillState.SUCCEEDED: (mark("Succeeded"), Tone.GOOD),
    DrillState.FAILED: (mark("Failed"), Tone.BAD),
}


def drill_plan_card(drill: Drill) -> Content:
    """Draw what a drill would do, and ask whether to begin it."""
    body: list[CardElement] = [
        header(say("Drill"), say("Begin a drill?"), Tone.WARNING),
        rich_text(
            sentence(
                "Latchkey gives {principal} access to {secret} for {window}, and takes it away "
                "again, as it does for people. It reads both back from Azure.",
                principal=Named(text.line(drill.access.holder.object_id)),
                secret=secret_of(drill),
                window=duration(WINDOW),
            )
        ),
        *fields([Field(say("Role"), text.line(describe_role(drill.access.targets[0].role)))]),
    ]
    data = {verbs.DRILL: drill.id}
    actions: list[Action] = [
        ExecuteAction(title=say("Begin"), verb=verbs.DRILL_BEGIN, data=data, style="positive"),
        ExecuteAction(title=say("Cancel"), verb=verbs.DRILL_CANCEL, data=data),
    ]
    return card(body, actions)


def drill_card(drill: Drill) -> Content:
    """Draw a drill in its current state."""
    status, tone = _STATUS[drill.state]
    remains = _remains(drill)
    body: list[CardElement] = [
        header(say("Drill"), say(status), tone),
        rich_text(_what(drill)),
        *fields(
            [Field(say("Access given"), _given(drill)), Field(say("Access gone"), _gone(drill))]
        ),
        *([paragraph(run(text.line(sentence_of(drill.failure))))] if drill.failure else []),
        *([paragraph(run(remains))] if remains else []),
        *([quote(say("Last error"), drill.access.cause)] if _shows_cause(drill) else []),
        correlation(drill.id),
    ]
    return card(body)


def secret_of(drill: Drill) -> Sentence:
    """Name the secret and its vault."""
    return sentence(
        "{secrets} in {vault}",
        secrets=Named(text.id_of(drill.secret)),
        vault=Named(text.id_of(drill.vault)),
    )


def _what(drill: Drill) -> Sentence:
    if drill.asked_by:
        return sentence(
            "{who} asked for a drill with {secret}.",
            who=person(drill.asked_by),
            secret=secret_of(drill),
        )
    return sentence("The scheduled drill with {secret}.", secret=secret_of(drill))


def _given(drill: Drill) -> str:
    if drill.given_after is None:
        return say("no") if drill.is_over else say("not yet")
    return say("after {duration}", duration=brief(drill.given_after))


def _gone(drill: Drill) -> str:
    if drill.lateness is not None:
        return say("{duration} after its end", duration=brief(drill.lateness))
    if drill.is_over:
        return say("not known") if drill.given_at else say("nothing was given")
    expires_at = drill.access.grant.expires_at if drill.access.grant else None
    if drill.state is RequestState.ACTIVE and expires_at:
        return say("not before {moment}", moment=second_of(expires_at, drill.begun_at))
    return say("not yet")


def _remains(drill: Drill) -> str:
    """Say what is left in Azure, if the drill failed."""
    match drill.state:
        case RequestState.STUCK:
            return say("The role assignment is still there. Latchkey tries until it's gone.")
        case RequestState.CLOSED:
            return say("The role assignment may still be there.")
        case DrillState.FAILED if drill.failure and drill.failure != SHARED:
            return say("No role assignment is left.")
        case _:
            return ""


def _shows_cause(drill: Drill) -> bool:
    return bool(text.lines(drill.access.cause)) and drill.state is not DrillState.SUCCEEDED
