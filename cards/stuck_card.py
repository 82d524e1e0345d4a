"""What will not end by itself: since when, with what cause, and what is done about it."""

from collections.abc import Sequence
from datetime import datetime

from microsoft_teams.cards import CardElement

from cards import text
from cards.elements import Content, Sentence, caption, card, header, paragraph, quote, run, say
from cards.secret_list import secret_list
from cards.telling import person, secrets_of
from cards.times import utc
from cards.tone import Tone
from domain.access import Request, RequestState
from domain.orphan import Orphan
from domain.rotation import Rotation

_LONGEST_CAUSE = 300


def stuck_card(stuck: Sequence[Request | Orphan | Rotation], more: int) -> Content:
    """Draw what will not end, one after the other; there may be nothing."""
    if not stuck:
        band = header("Stuck", "Nothing is stuck", Tone.GOOD)
        return card([band, paragraph(run("All access that is over has been taken away."))])
    count = len(stuck) + more
    status = "1 thing will not end" if count == 1 else f"{count:,} things will not end"
    body: list[CardElement] = [header("Stuck", status, Tone.BAD)]
    for one in stuck:
        body.extend(_drawn(one))
    if more:
        body.append(caption(f"… and {more:,} more.", "Medium"))
    return card(body)


def _drawn(one: Request | Orphan | Rotation) -> list[CardElement]:
    cause = _cause(one)[:_LONGEST_CAUSE]
    return [
        say(_what(one)),
        *(secret_list(one) if isinstance(one, Request) else []),
        paragraph(
            run(f"{text.line(one.id)} · {_progress(one)}", subtle=True, size="Small"),
            spacing="None",
        ),
        *([quote("The last attempt met with", cause)] if text.lines(cause) else []),
    ]


def _what(one: Request | Orphan | Rotation) -> Sentence:
    match one:
        case Request() if not _is_stuck(one):
            taken = (" took access to ", *secrets_of(one), " without approval: not reviewed yet.")
            return person(one.requester), *taken
        case Request():
            return person(one.holder), "'s access to ", *secrets_of(one), " cannot be taken away."
        case Orphan():
            return (
                "An assignment that no lease is on cannot be removed: ",
                text.line(one.description),
            )
        case Rotation():
            return (
                "The rotation of ",
                text.id_of(one.secret),
                f" needs a human: type retry {one.id}, or abandon {one.id} because REASON",
            )


def _progress(one: Request | Orphan | Rotation) -> str:
    match one:
        case Request() if not _is_stuck(one):
            asked = f", asked again at {utc(one.review_at)}" if one.review_at else ""
            return f"since {utc(one.requested_at)}{asked}"
        case Request():
            return _tried(one.revoke_since, one.attempt, one.retry_at)
        case Orphan():
            return _tried(one.found_at, one.attempt, one.retry_at)
        case Rotation():
            return _tried(one.records[-1].at if one.records else one.asked_at, one.attempt, None)


def _tried(since: datetime | None, attempts: int, next_at: datetime | None) -> str:
    begun = f"since {utc(since)}, " if since else ""
    tried = "1 attempt" if attempts == 1 else f"{attempts:,} attempts"
    following = f", the next at {utc(next_at)}" if next_at else ""
    return f"{begun}{tried}{following}"


def _cause(one: Request | Orphan | Rotation) -> str:
    match one:
        case Request() if not _is_stuck(one):
            return ""
        case Rotation():
            return one.failure
        case _:
            return one.cause


def _is_stuck(request: Request) -> bool:
    """Say whether the access cannot be taken away; what is listed else waits for its review."""
    return request.state is RequestState.STUCK
