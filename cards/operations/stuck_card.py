"""The list of stuck workflows: since when, why, and when the next attempt is."""

from collections.abc import Sequence
from datetime import datetime

from microsoft_teams.cards import CardElement

from cards.kit import text
from cards.kit.azure_answers import is_locked
from cards.kit.elements import (
    Content,
    Sentence,
    caption,
    card,
    header,
    paragraph,
    quote,
    rich_text,
    run,
)
from cards.kit.message import person, secrets_of
from cards.kit.secret_list import secret_list
from cards.kit.times import utc
from cards.kit.tone import Tone
from cards.operations.waiting_announcements import WaitingAnnouncements, waiting_note, waiting_title
from cards.reasons.sentences import sentence_of
from cards.rotation.expiry_watch_card import not_watched
from domain.access import break_glass
from domain.access.request import Request, RequestState
from domain.reconciliation.orphan import Orphan
from domain.rotation.rotation import Rotation
from domain.rotation.schedule import ScheduledRotation

Stuck = Request | Orphan | Rotation | ScheduledRotation

_LONGEST_CAUSE = 300
_MOST_QUARANTINED = 10
_ENDING = frozenset({RequestState.REVOKING, RequestState.STUCK})


def stuck_card(
    stuck: Sequence[Stuck],
    more: int,
    quarantined: Sequence[str] = (),
    waiting: WaitingAnnouncements | None = None,
) -> Content:
    """Draw the stuck workflows, possibly none."""
    if waiting and not stuck and not quarantined:
        return card([header("Stuck", waiting_title(waiting), Tone.BAD), *waiting_note(waiting)])
    if not stuck and not quarantined:
        band = header("Stuck", "Nothing is stuck", Tone.GOOD)
        return card([band, paragraph(run("All expired access has been revoked."))])
    count = len(stuck) + more + len(quarantined)
    status = "1 item is stuck" if count == 1 else f"{count:,} items are stuck"
    body: list[CardElement] = [header("Stuck", status, Tone.BAD)]
    for one in stuck:
        body.extend(_drawn(one))
    if more:
        body.append(caption(f"… and {more:,} more.", "Medium"))
    body.extend(paragraph(run(text.line(one))) for one in quarantined[:_MOST_QUARANTINED])
    if left := len(quarantined[_MOST_QUARANTINED:]):
        body.append(caption(f"… and {left:,} more quarantined.", "Medium"))
    if waiting:
        body.extend(waiting_note(waiting))
    return card(body)


def _drawn(one: Stuck) -> list[CardElement]:
    cause = _cause(one)[:_LONGEST_CAUSE]
    return [
        rich_text(_what(one)),
        *(secret_list(one) if isinstance(one, Request) else []),
        paragraph(
            run(f"{text.line(one.id)} · {_progress(one)}", subtle=True, size="Small"),
            spacing="None",
        ),
        *([quote("Last error", cause)] if text.lines(cause) else []),
    ]


def _what(one: Stuck) -> Sentence:
    match one:
        case Request() if _awaits_review(one):
            taken = ("'s break-glass access to ", *secrets_of(one), " hasn't been reviewed yet.")
            return person(one.requester), *taken
        case Request(state=RequestState.STUCK):
            why = " can't be removed."
            if is_locked(one.answer):
                why = (
                    " can't be removed: a resource lock is blocking it. Once the lock is gone, "
                    "the access will be removed automatically."
                )
            return person(one.holder), "'s access to ", *secrets_of(one), why
        case Request():
            return person(one.holder), "'s access to ", *secrets_of(one), " should be gone."
        case Orphan():
            why = " because a resource lock is blocking it" if is_locked(one.answer) else ""
            return (
                f"An orphaned role assignment can't be removed{why}: ",
                text.line(one.description),
            )
        case Rotation():
            return (
                "The rotation of ",
                text.id_of(one.secret),
                f" needs a human: type retry {one.id}, or abandon {one.id} because REASON",
            )
        case ScheduledRotation():
            return not_watched(one)


def _progress(one: Stuck) -> str:
    match one:
        case Request() if _awaits_review(one):
            asked = f", asked again at {utc(one.review_at)}" if one.review_at else ""
            return f"since {utc(one.requested_at)}{asked}"
        case Request():
            since = one.revoke_since or (one.grant.expires_at if one.grant else None)
            return _tried(since, one.attempt, one.retry_at)
        case Orphan():
            return _tried(one.found_at, one.attempt, one.retry_at)
        case ScheduledRotation():
            return _tried_since(one.failing_since, one.retry_at or one.check_at)
        case Rotation():
            return _tried(one.records[-1].at if one.records else one.asked_at, one.attempt, None)


def _tried_since(since: datetime | None, next_at: datetime) -> str:
    begun = f"since {utc(since)}, " if since else ""
    return f"{begun}next check at {utc(next_at)}"


def _tried(since: datetime | None, attempts: int, next_at: datetime | None) -> str:
    begun = f"since {utc(since)}, " if since else ""
    tried = "1 attempt" if attempts == 1 else f"{attempts:,} attempts"
    following = f", next at {utc(next_at)}" if next_at else ""
    return f"{begun}{tried}{following}"


def _cause(one: Stuck) -> str:
    match one:
        case Request() if _awaits_review(one):
            return ""
        case Rotation():
            return sentence_of(one.failure) if one.failure else ""
        case ScheduledRotation():
            return sentence_of(one.look_cause) if one.look_cause else ""
        case _:
            return one.cause


def _awaits_review(request: Request) -> bool:
    """Return whether only its review is missing: access that should be gone comes first."""
    return break_glass.awaits_review(request) and request.state not in _ENDING
