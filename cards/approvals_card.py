"""What waits for one person's decision, before the cards of the requests themselves."""

from collections.abc import Sequence
from datetime import datetime

from microsoft_teams.cards import CardElement

from cards import text
from cards.elements import Content, caption, card, header, paragraph, run
from cards.listing import and_more
from cards.telling import person
from cards.times import age
from cards.tone import Tone
from domain.access import Request
from domain.durations import say_duration


def approvals_card(requests: Sequence[Request], more: int, now: datetime) -> Content:
    """Draw what waits, the oldest first; ``more`` wait beside these."""
    body: list[CardElement] = [header("Approvals", _status(len(requests) + more), Tone.INFO)]
    if not requests:
        body.append(paragraph(run("Nobody waits for your decision.")))
        return card(body)
    for request in requests:
        body.extend(_drawn(request, now))
    body.extend(and_more(more))
    body.append(caption("A card of each follows: decide there.", "Large"))
    return card(body)


def _status(count: int) -> str:
    match count:
        case 0:
            return "Nothing waits for you"
        case 1:
            return "1 request waits for you"
        case _:
            return f"{count:,} requests wait for you"


def _drawn(request: Request, now: datetime) -> list[CardElement]:
    wants = f" for {say_duration(request.window)}"
    waited = age(now - request.requested_at)
    left = age(request.lapses_at - now)
    return [
        paragraph(
            run(person(request.requester).words, bold=True),
            run(" wants "),
            run(text.id_of(request.secret), bold=True),
            run(wants),
            spacing="Medium",
        ),
        paragraph(
            run(f"Has waited {waited}, lapses in {left}", subtle=True, size="Small"),
            spacing="None",
        ),
    ]
