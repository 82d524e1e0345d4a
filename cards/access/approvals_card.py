"""The list of what waits for a person's decision, sent before the requests' own cards."""

from collections.abc import Sequence
from datetime import datetime

from microsoft_teams.cards import CardElement

from cards.access.left_out import left_out_line
from cards.kit import verbs
from cards.kit.elements import Content, caption, card, header, paragraph, run
from cards.kit.listing import ONE_PAGE, Paging, and_more, page_buttons
from cards.kit.message import all_secrets_of, person
from cards.kit.times import age, utc
from cards.kit.tone import Tone
from domain.access.break_glass import awaits_review
from domain.access.request import Request
from domain.durations import format_duration


def approvals_card(
    requests: Sequence[Request], more: int, now: datetime, paging: Paging = ONE_PAGE
) -> Content:
    """Draw a page of what waits, oldest first; ``more`` come after it."""
    status = "On this page and after it" if paging.after else _status(len(requests) + more)
    body: list[CardElement] = [header("Approvals", status, Tone.INFO)]
    if not requests:
        body.append(paragraph(run("No one is waiting for your decision.")))
        return card(body)
    for request in requests:
        body.extend(_drawn(request, now))
    body.extend(and_more(more))
    body.append(caption("A card for each follows. Decide there.", "Large"))
    return card(body, page_buttons(paging, verbs.APPROVALS_PAGE))


def _status(count: int) -> str:
    match count:
        case 0:
            return "Nothing is waiting for you"
        case 1:
            return "1 request is waiting for you"
        case _:
            return f"{count:,} requests are waiting for you"


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
        *left_out_line(request),
        paragraph(run(since, subtle=True, size="Small"), spacing="None"),
    ]


def _extension_request(request: Request, now: datetime) -> tuple[str, str, str]:
    """Say what someone wants with the secret, for how long, and how long it has been waiting."""
    if request.extension:
        more = f"for {format_duration(request.extension.by)} more"
        return "wants", more, f"Waiting for {age(now - request.extension.asked_at)}"
    waited = age(now - request.requested_at)
    if awaits_review(request):
        started = "started break-glass access to"
        return started, "without approval", f"Waiting for a review for {waited}"
    left = age(request.lapses_at - now)
    window = f"for {format_duration(request.window)}"
    if request.starts_at:
        window += f", starting {utc(request.starts_at)}"
    return "wants", window, f"Waiting for {waited}, expires in {left}"
