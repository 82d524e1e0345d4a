"""A person's current access and pending requests."""

from collections.abc import Sequence
from datetime import datetime

from microsoft_teams.cards import Action, ActionSet, CardElement, Container, ExecuteAction

from cards.access.left_out import left_out_line
from cards.kit import text, verbs
from cards.kit.elements import Content, caption, card, header, paragraph, run
from cards.kit.listing import and_more
from cards.kit.message import all_secrets_of, secrets_by_vault
from cards.kit.times import age, local, utc
from cards.kit.tone import Tone
from domain.access.request import Request, RequestState
from domain.names import listed


def my_access_card(requests: Sequence[Request], more: int, now: datetime) -> Content:
    """Draw a person's open requests, each with a way to end it; ``more`` are not shown."""
    body: list[CardElement] = [header("My access", _status(requests), Tone.INFO)]
    if not requests:
        body.append(paragraph(run("You have no access and no pending requests.")))
        body.append(caption("Type: request secret NAME", "Large"))
        return card(body)
    body.extend(_drawn(request, now) for request in requests)
    body.extend(and_more(more))
    return card(body)


def _status(requests: Sequence[Request]) -> str:
    held = sum(request.state is RequestState.ACTIVE for request in requests)
    waiting = sum(request.state is RequestState.PENDING for request in requests)
    parts = [f"{held} granted"] if held else []
    parts += [f"{waiting} waiting for approval"] if waiting else []
    planned = sum(request.state is RequestState.SCHEDULED for request in requests)
    parts += [f"{planned} starting later"] if planned else []
    if others := len(requests) - held - waiting - planned:
        parts.append(f"{others} starting or ending")
    return ", ".join(parts) or "Nothing"


def _drawn(request: Request, now: datetime) -> CardElement:
    items: list[CardElement] = [
        paragraph(
            run(all_secrets_of(request), bold=True),
            run(f" in {listed(list(secrets_by_vault(request)))}", subtle=True),
        ),
        paragraph(run(_status_of(request, now)), spacing="None"),
        *left_out_line(request),
        *_start(request),
        paragraph(run(text.line(request.id), mono=True, subtle=True, size="Small"), spacing="None"),
    ]
    if button := _button(request):
        items.append(ActionSet(actions=[button]))
    return Container(items=items, spacing="Medium", separator=True)


def _status_of(request: Request, now: datetime) -> str:
    expires_at = request.grant.expires_at if request.grant else None
    match request.state:
        case RequestState.PENDING:
            return f"Waiting for approval; expires {_until(request.lapses_at, now)}"
        case RequestState.SCHEDULED if request.start_by:
            return f"Approved; checks at its start go on until {utc(request.start_by)}"
        case RequestState.SCHEDULED if request.starts_at:
            return f"Approved; starts {_until(request.starts_at, now)}"
        case RequestState.GRANTING:
            return f"Approved{_by_rule(request)}; being granted"
        case RequestState.ACTIVE if expires_at:
            return f"Granted{_by_rule(request)}; ends {_until(expires_at, now)}"
        case RequestState.STUCK:
            return "Should be over; Azure hasn't confirmed it yet. Please don't use it"
        case _ if request.watched_until:
            return f"Removed; checking Azure until {utc(request.watched_until)}"
        case _:
            return "Being removed"


def _start(request: Request) -> list[CardElement]:
    """Draw when access that hasn't started is to start, in the reader's time zone."""
    is_ahead = request.state in {RequestState.PENDING, RequestState.SCHEDULED}
    if request.starts_at is None or not is_ahead:
        return []
    return [caption(f"Starts {local(request.starts_at)} local", "None")]


def _by_rule(request: Request) -> str:
    return " by rule" if request.approved_by_rule else ""


def _until(end: datetime, now: datetime) -> str:
    return f"{utc(end)}, in {age(end - now)}"


def _button(request: Request) -> Action | None:
    data = {verbs.REQUEST: request.id}
    match request.state:
        case RequestState.PENDING | RequestState.SCHEDULED:
            return ExecuteAction(title="Cancel request", verb=verbs.MY_CANCEL, data=data)
        case RequestState.GRANTING | RequestState.ACTIVE:
            return ExecuteAction(title="I'm done", verb=verbs.MY_DONE, data=data)
        case _:
            return None
