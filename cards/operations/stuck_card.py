"""The list of stuck workflows: since when, why, and when the next attempt is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from microsoft_teams.cards import Action, ActionSet, CardElement, Container, ExecuteAction

from cards.kit import text, verbs
from cards.kit.azure_answers import is_locked
from cards.kit.elements import (
    Content,
    Named,
    Sentence,
    caption,
    card,
    header,
    paragraph,
    quote,
    rich_text,
    run,
)
from cards.kit.listing import ONE_PAGE, Paging, list_button, page_buttons, row_with_button
from cards.kit.message import person, secrets_of
from cards.kit.secret_list import secret_list
from cards.kit.sentences import sentence
from cards.kit.times import utc
from cards.kit.tone import Tone
from cards.languages.texts import say, say_as, say_count
from cards.operations.waiting_announcements import WaitingAnnouncements, waiting_note, waiting_title
from cards.reasons.sentences import sentence_of
from cards.rotation.expiry_watch_card import not_watched
from domain.access.request import Request, RequestState
from domain.access.transitions import break_glass
from domain.drill.drill import Drill
from domain.phrases import Phrase
from domain.reconciliation.orphan import Orphan
from domain.rotation.rotation import Rotation
from domain.rotation.schedule import ScheduledRotation

Stuck = Request | Orphan | Rotation | ScheduledRotation
"""What is drawn; a drill is drawn as its access."""

_LONGEST_CAUSE = 300
_MOST_QUARANTINED = 10
_ENDING = frozenset({RequestState.REVOKING, RequestState.STUCK})


@dataclass(frozen=True, slots=True)
class SetAside:
    """A quarantined workflow, and a sentence that says why."""

    workflow_id: str
    """Empty if nobody can have it tried again."""
    sentence: str | Phrase


def stuck_card(
    stuck: Sequence[Stuck | Drill],
    more: int,
    quarantined: Sequence[SetAside] = (),
    waiting: WaitingAnnouncements | None = None,
    *,
    before: int = 0,
    paging: Paging = ONE_PAGE,
    tried: bool = False,
) -> Content:
    """Draw a page of the stuck workflows, possibly none.

    ``before`` come before it and ``more`` after it; ``tried`` says that one is being tried now.
    """
    actions = [_refresh(paging), *page_buttons(paging, verbs.STUCK_PAGE)]
    note = [caption(say("Trying it now. Refresh the list in a moment."), "Small")] if tried else []
    if waiting and not stuck and not quarantined:
        band = header(_title(), waiting_title(waiting), Tone.BAD)
        return card([band, *note, *waiting_note(waiting)], actions)
    if not stuck and not quarantined:
        band = header(_title(), say("Nothing is stuck"), Tone.GOOD)
        ended = paragraph(run(say("No expired access is waiting to be revoked.")))
        return card([band, *note, ended], actions)
    count = before + len(stuck) + more + len(quarantined)
    status = say_count("{count} item is stuck", "{count} items are stuck", count)
    body: list[CardElement] = [header(_title(), status, Tone.BAD), *note]
    body.extend(
        _drawn(one.access if isinstance(one, Drill) else one, paging, is_first=one is stuck[0])
        for one in stuck
    )
    if more:
        said = say_count("… and {count} more.", "… and {count} more.", more)
        body.append(caption(said, "Medium"))
    body.extend(_set_aside(one, paging) for one in quarantined[:_MOST_QUARANTINED])
    if left := len(quarantined[_MOST_QUARANTINED:]):
        said = say_count("… and {count} more quarantined.", "… and {count} more quarantined.", left)
        body.append(caption(said, "Medium"))
    if waiting:
        body.extend(waiting_note(waiting))
    return card(body, actions)


def _title() -> str:
    return say_as("list", "Stuck")


def _refresh(paging: Paging) -> Action:
    return ExecuteAction(
        title=say("Refresh"), verb=verbs.STUCK_PAGE, data=paging.data, associated_inputs="none"
    )


def _set_aside(one: SetAside, paging: Paging) -> CardElement:
    line = paragraph(run(text.line(say(one.sentence))))
    if not one.workflow_id:
        return line
    return row_with_button(
        [line], _button(say("Try now"), verbs.STUCK_TRY, one.workflow_id, paging)
    )


def _button(title: str, verb: str, workflow_id: str, paging: Paging) -> ExecuteAction:
    data = {verbs.WORKFLOW: workflow_id, **paging.data}
    return list_button(title, verb, data, workflow_id)


def _buttons(one: Stuck, paging: Paging) -> list[Action]:
    """Draw what an admin can do; others have to review, and an expiry is checked again anyway."""
    try_now = _button(say("Try now"), verbs.STUCK_TRY, one.id, paging)
    match one:
        case Request() if _awaits_review(one):
            return []
        case Request(state=RequestState.ACTIVE):
            return [try_now]  # it is about to be tried, so there is nothing to give up yet
        case Request() | Orphan():
            return [try_now, _button(say("Close"), verbs.STUCK_CLOSE, one.id, paging)]
        case Rotation():
            return [try_now, _button(say("Abandon"), verbs.STUCK_CLOSE, one.id, paging)]
        case ScheduledRotation():
            return []


def _drawn(one: Stuck, paging: Paging, *, is_first: bool) -> CardElement:
    cause = _cause(one)[:_LONGEST_CAUSE]
    buttons = _buttons(one, paging)
    items: list[CardElement] = [
        rich_text(_what(one)),
        *(secret_list(one) if isinstance(one, Request) else []),
        paragraph(
            run(f"{text.line(one.id)} · {_progress(one)}", subtle=True, size="Small"),
            spacing="None",
        ),
        *([quote(say("Last error"), cause)] if text.lines(cause) else []),
        *([ActionSet(actions=buttons)] if buttons else []),
    ]
    return Container(items=items, spacing="Medium", separator=None if is_first else True)


def _what(one: Stuck) -> Sentence:
    match one:
        case Request():
            return _access(one)
        case Orphan() if is_locked(one.answer):
            return sentence(
                "An orphaned role assignment can't be removed because a resource lock is "
                "blocking it: {assignment}",
                assignment=text.line(one.description),
            )
        case Orphan():
            return sentence(
                "An orphaned role assignment can't be removed: {assignment}",
                assignment=text.line(one.description),
            )
        case Rotation():
            return sentence(
                "The rotation of {secret} needs a human.", secret=Named(text.id_of(one.secret))
            )
        case ScheduledRotation():
            return not_watched(one)


def _access(request: Request) -> Sentence:
    """Say whose access is stuck, and in what way."""
    secrets = secrets_of(request)
    if _awaits_review(request):
        return sentence(
            "{requester}'s break-glass access to {secrets} hasn't been reviewed yet.",
            requester=person(request.requester),
            secrets=secrets,
        )
    holder = person(request.holder)
    if request.state is not RequestState.STUCK:
        return sentence(
            "{holder}'s access to {secrets} should be gone.", holder=holder, secrets=secrets
        )
    if is_locked(request.answer):
        return sentence(
            "{holder}'s access to {secrets} can't be removed: a resource lock is blocking it. "
            "Once the lock is gone, the access will be removed automatically.",
            holder=holder,
            secrets=secrets,
        )
    return sentence(
        "{holder}'s access to {secrets} can't be removed.", holder=holder, secrets=secrets
    )


def _progress(one: Stuck) -> str:
    match one:
        case Request() if _awaits_review(one) and one.review_at:
            since, asked = utc(one.requested_at), utc(one.review_at)
            return say("since {since}, asked again on {asked}", since=since, asked=asked)
        case Request() if _awaits_review(one):
            return say("since {since}", since=utc(one.requested_at))
        case Request():
            since_then = one.revoke_since or (one.grant.expires_at if one.grant else None)
            return _tried(since_then, one.attempt, one.retry_at)
        case Orphan():
            return _tried(one.found_at, one.attempt, one.retry_at)
        case ScheduledRotation():
            return _checked(one.failing_since, one.retry_at or one.check_at)
        case Rotation():
            # Its attempts are counted anew from when it asked for help.
            failed = one.record_of(one.step)
            return say("since {since}", since=utc(failed.at if failed else one.asked_at))


def _checked(since: datetime | None, next_at: datetime) -> str:
    following = utc(next_at)
    if since is None:
        return say("next check on {next}", next=following)
    return say("since {since}, next check on {next}", since=utc(since), next=following)


def _tried(since: datetime | None, attempts: int, next_at: datetime | None) -> str:
    if since and next_at:
        return say_count(
            "since {since}, {count} attempt, next on {next}",
            "since {since}, {count} attempts, next on {next}",
            attempts,
            since=utc(since),
            next=utc(next_at),
        )
    if since:
        return say_count(
            "since {since}, {count} attempt",
            "since {since}, {count} attempts",
            attempts,
            since=utc(since),
        )
    if next_at:
        return say_count(
            "{count} attempt, next on {next}",
            "{count} attempts, next on {next}",
            attempts,
            next=utc(next_at),
        )
    return say_count("{count} attempt", "{count} attempts", attempts)


def _cause(one: Stuck) -> str:
    match one:
        case Request() if _awaits_review(one):
            return ""
        case Rotation():
            # What made it fail at first may be over: this is what it couldn't finish.
            failed = one.record_of(one.step)
            cause = failed.note if failed else one.failure
            return sentence_of(cause) if cause else ""
        case ScheduledRotation():
            return sentence_of(one.look_cause) if one.look_cause else ""
        case _:
            return one.cause


def _awaits_review(request: Request) -> bool:
    """Return whether only its review is missing: access that should be gone comes first."""
    return break_glass.awaits_review(request) and request.state not in _ENDING
