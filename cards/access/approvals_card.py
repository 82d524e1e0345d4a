"""What waits for one person's decision, before the cards of the requests themselves."""

from collections.abc import Sequence
from datetime import datetime

from microsoft_teams.cards import CardElement

from cards.kit.elements import Content, caption, card, header, paragraph, run
from cards.kit.listing import and_more
from cards.kit.message import all_secrets_of, person
from cards.kit.times import age
from cards.kit.tone import Tone
from domain.access.break_glass import awaits_review
from domain.access.request import Request
from domain.durations import format_duration


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
    does, what, since = _extension_request(request, now)
    return [
        paragraph(
            run(person(request.requester).words, bold=True),
            run(f" {does} "),
            run(all_secrets_of(request), bold=True),
            run(f" {what}"),
            spacing="Medium",
        ),
        paragraph(run(since, subtle=True, size="Small"), spacing="None"),
    ]


def _extension_request(request: Request, now: datetime) -> tuple[str, str, str]:
    """Say what somebody does about the secret, in which way, and for how long that has waited."""
    if request.extension:
        more = f"for {format_duration(request.extension.by)} more"
        return "wants", more, f"Has waited {age(now - request.extension.asked_at)}"
    waited = age(now - request.requested_at)
    if awaits_review(request):
        return "took access to", "without approval", f"Has waited {waited} for a review"
    left = age(request.lapses_at - now)
    window = f"for {format_duration(request.window)}"
    return "wants", window, f"Has waited {waited}, lapses in {left}"
