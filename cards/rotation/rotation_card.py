"""The card of a rotation, in every state."""

from microsoft_teams.cards import Action, CardElement, Container, ExecuteAction

from cards.kit import text, verbs
from cards.kit.elements import (
    Content,
    Field,
    Named,
    caption,
    card,
    correlation,
    fields,
    header,
    moment,
    paragraph,
    quote,
    rich_text,
    run,
)
from cards.kit.sentences import sentence, together
from cards.kit.times import duration, utc
from cards.kit.tone import Tone
from cards.languages.texts import listed, say, say_as, say_count
from cards.reasons.sentences import sentence_of
from cards.rotation.abandon_card import remains_section
from cards.rotation.dependents import dependent_name
from cards.rotation.end_state import current_version
from cards.rotation.steps import steps
from cards.rotation.wording import (
    LATE_ON_TOP,
    abandon_line,
    and_more,
    changed_anything,
    expiry_fields,
    retry_line,
    rotated_secret,
    who_can_agree,
    why_it_runs,
)
from domain.phrases import mark
from domain.rotation.plan import TELLS_NOBODY
from domain.rotation.policy import USUAL_ISSUER
from domain.rotation.rotation import RemainingCredential, Rotation, RotationState, Step

_STATUS = {
    RotationState.PENDING: (mark("Waiting for another admin's approval"), Tone.INFO),
    RotationState.RUNNING: (mark("Rotating"), Tone.INFO),
    # The old version may be disabled before anything says so: by its retirement, or by somebody.
    RotationState.OVERLAPPING: (mark("Rotated, old version not retired yet"), Tone.GOOD),
    RotationState.ROTATED: (mark("Rotated"), Tone.GOOD),
    RotationState.ROLLING_BACK: (mark("Rotation failed, rolling back"), Tone.WARNING),
    RotationState.ROLLED_BACK: (mark("Rotation failed, rolled back"), Tone.BAD),
    RotationState.NEEDS_HUMAN: (mark("Needs a human"), Tone.BAD),
    RotationState.DENIED: (mark("Denied, nothing changed"), Tone.BAD),
    RotationState.LAPSED: (mark("Expired: no one approved in time"), Tone.QUIET),
    RotationState.ABANDONED: (mark("Abandoned, not finished"), Tone.BAD),
}
_NOT_STARTED = frozenset({RotationState.DENIED, RotationState.LAPSED})
_NEW_VALUE_STATES = frozenset(
    {RotationState.RUNNING, RotationState.OVERLAPPING, RotationState.ROTATED}
)
_MOST_DEPENDENTS = 6
_MOST_CREDENTIALS = 6
_LONGEST_HINT = 8


def rotation_card(rotation: Rotation, *, buttons: bool) -> Content:
    """Draw a rotation in its current state; ``buttons`` lets the reader act if it needs someone."""
    status, tone = _status(rotation)
    body: list[CardElement] = [
        header(say("Secret rotation"), status, tone),
        _what_and_why(rotation),
        *_help_needed(rotation, has_button=buttons),
        *fields(_facts(rotation)),
        *_failure(rotation),
        *_abandoned(rotation),
        *_for_others(rotation),
        *([] if rotation.state in _NOT_STARTED else steps(rotation)),
        correlation(rotation.id),
    ]
    return card(body, _buttons(rotation) if buttons else [])


def _status(rotation: Rotation) -> tuple[str, Tone]:
    if rotation.state is RotationState.ROLLED_BACK and rotation.was_made_anew:
        return say("Failed: the secret was recreated, so nothing was restored"), Tone.BAD
    if rotation.state is RotationState.ROLLED_BACK and not changed_anything(rotation):
        return say("Stopped, nothing changed"), Tone.BAD
    if rotation.state is RotationState.RUNNING and rotation.attempt:
        return say("Rotating, retrying a step"), Tone.WARNING
    status, tone = _STATUS[rotation.state]
    return say(status), tone


def _what_and_why(rotation: Rotation) -> CardElement:
    agreed = rotation.approved_by
    return rich_text(
        together(
            sentence(
                "{secret}, {why}.", secret=rotated_secret(rotation), why=why_it_runs(rotation)
            ),
            sentence("{who} approved it.", who=Named(text.name_of(agreed))) if agreed else "",
        )
    )


def _help_needed(rotation: Rotation, *, has_button: bool) -> list[CardElement]:
    """Draw a prominent band if Latchkey can't continue without help."""
    if rotation.state is not RotationState.NEEDS_HUMAN:
        return []
    if rotation.step is Step.RETIRE and _hides_a_version(rotation):
        state = say("A version that this rotation wrote late hides one that someone else wrote.")
    elif rotation.step is Step.RETIRE and rotation.is_old_disabled:
        state = say("The old version is disabled, but its credential may still be valid.")
    elif rotation.step is Step.RETIRE:
        state = say("The new version is written, but the old one may still be enabled.")
    else:
        state = say("The rollback stopped halfway: the secret or a dependent may be wrong now.")
    return [
        Container(
            style=Tone.BAD.value,
            spacing="Medium",
            items=[
                paragraph(run(state, bold=True)),
                caption(
                    say("Fix what the failed step says, then press Retry or type")
                    if has_button
                    else say("Fix what the failed step says, then type"),
                    "Small",
                ),
                paragraph(run(retry_line(rotation), mono=True), spacing="Small"),
                caption(
                    say("If it can never finish, for example because the secret was purged:"),
                    "Small",
                ),
                paragraph(
                    run(abandon_line(rotation), mono=True),
                    spacing="Small",
                ),
            ],
        )
    ]


def _hides_a_version(rotation: Rotation) -> bool:
    record = rotation.record_of(rotation.step)
    return record is not None and record.note is not None and record.note.code == LATE_ON_TOP


def _facts(rotation: Rotation) -> list[Field]:
    facts = _moments(rotation)
    if rotation.old_version or rotation.new_version:
        facts.append(Field(say("Versions"), _versions(rotation)))
    if rotation.state is RotationState.ROLLED_BACK:
        facts.extend(current_version(rotation))
    facts.append(Field(say("Dependents"), _dependents(rotation)))
    detail = text.line(rotation.trigger.detail, text.LONGEST_NAME)
    started_by = [Field(say("Started by"), detail)] if detail else []
    return [*facts, *(expiry_fields(rotation) or started_by)]


def _moments(rotation: Rotation) -> list[Field]:
    """Draw the time that matters most in this state, and who has to act."""
    match rotation.state:
        case RotationState.PENDING:
            decide_by = [moment(say("Decide by"), rotation.retry_at)] if rotation.retry_at else []
            return [Field(say("Approvers"), who_can_agree(rotation)), *decide_by]
        case RotationState.OVERLAPPING if rotation.overlap_until:
            return [moment(say("Overlap until"), rotation.overlap_until)]
        case RotationState.RUNNING:
            return [
                Field(say("Requested"), utc(rotation.asked_at)),
                Field(say("Old version is disabled after"), duration(rotation.terms.overlap)),
            ]
        case _:
            return [Field(say("Requested"), utc(rotation.asked_at))]


def _versions(rotation: Rotation) -> str:
    """Return the versions in order: ``3f0c1a2b → 9d4e5f60``."""
    made = [rotation.old_version, rotation.new_version, rotation.restored_version]
    return " → ".join(text.short_version(version) for version in made if version)


def _dependents(rotation: Rotation) -> str:
    names = [dependent_name(each) for each in rotation.terms.dependents]
    more = len(names) - _MOST_DEPENDENTS
    if more > 0:
        others = say_count("{count} more", "{count} more", more)
        names = [*names[:_MOST_DEPENDENTS], others]
    return listed(names) or say_as("dependents", "none")


def _failure(rotation: Rotation) -> list[CardElement]:
    if rotation.failure is None:
        return []
    return [quote(say("What went wrong"), sentence_of(rotation.failure))]


def _abandoned(rotation: Rotation) -> list[CardElement]:
    """Draw what an abandoned rotation left behind, and why it was abandoned."""
    if rotation.state is not RotationState.ABANDONED:
        return []
    why = rotation.abandoned_because
    return [
        caption(say("What it left behind"), "Large"),
        *remains_section(rotation.left),
        *([quote(say("Why it was abandoned"), why)] if text.lines(why) else []),
    ]


def _for_others(rotation: Rotation) -> list[CardElement]:
    """Draw what is left to do for people: whom to inform, and which credentials are still valid."""
    drawn: list[CardElement] = []
    is_plain = rotation.terms.issuer == USUAL_ISSUER and not rotation.terms.dependents
    if is_plain and rotation.state in _NEW_VALUE_STATES:
        drawn.append(paragraph(run(sentence_of(TELLS_NOBODY)), spacing="Medium"))
    if rotation.remaining:
        drawn += [
            caption(say("Other credentials that are still valid"), "Large"),
            *(
                paragraph(run(f"• {_remaining(each)}"), spacing="Small")
                for each in rotation.remaining[:_MOST_CREDENTIALS]
            ),
        ]
        more = len(rotation.remaining) - _MOST_CREDENTIALS
        drawn += [caption(and_more(more), "Small")] if more > 0 else []
    return drawn


def _remaining(credential: RemainingCredential) -> str:
    name = text.line(credential.name, text.LONGEST_NAME) or text.line(credential.id)
    if credential.hint:
        name = f"{name} ({text.line(credential.hint, _LONGEST_HINT)}…)"
    if credential.ends_at is None:
        return name
    return say("{name}, valid until {end}", name=name, end=utc(credential.ends_at))


def _buttons(rotation: Rotation) -> list[Action]:
    data = {verbs.ROTATION: rotation.id}
    match rotation.state:
        case RotationState.PENDING:
            return [
                ExecuteAction(
                    title=say("Approve"), verb=verbs.ROTATION_APPROVE, data=data, style="positive"
                ),
                ExecuteAction(
                    title=say("Deny"),
                    verb=verbs.ROTATION_DENY,
                    data=data,
                    style="destructive",
                ),
            ]
        case RotationState.NEEDS_HUMAN:
            return [
                ExecuteAction(
                    title=say("Retry"), verb=verbs.ROTATION_RETRY, data=data, style="positive"
                ),
            ]
        case _:
            return []
