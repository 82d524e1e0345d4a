"""An access request as its approvers see it, in every state."""

from microsoft_teams.cards import (
    Action,
    AdaptiveCard,
    CardElement,
    ExecuteAction,
    ShowCardAction,
    TextInput,
)

from cards import text, verbs
from cards.elements import (
    Content,
    caption,
    card,
    correlation,
    fields,
    header,
    paragraph,
    quote,
    run,
)
from cards.scope import say_role, say_scope
from cards.times import local, utc
from cards.tone import Tone
from domain.access import Request, RequestState
from domain.durations import say_duration

LONGEST_REASON = 500

_STATUS = {
    RequestState.GRANTING: ("Approved: access is being granted", Tone.INFO),
    RequestState.ACTIVE: ("Access is granted", Tone.GOOD),
    RequestState.REVOKING: ("Access is being taken away", Tone.WARNING),
    RequestState.STUCK: ("Access could not be taken away yet", Tone.BAD),
    RequestState.REVOKED: ("Access has ended", Tone.QUIET),
    RequestState.DENIED: ("Denied", Tone.BAD),
    RequestState.CANCELLED: ("Cancelled", Tone.QUIET),
    RequestState.LAPSED: ("Lapsed: nobody decided in time", Tone.QUIET),
    RequestState.FAILED: ("Failed: nothing was granted", Tone.BAD),
}


def request_card(request: Request, *, buttons: bool) -> Content:
    """Draw a request as it stands; ``buttons`` lets its reader decide it while it is pending."""
    status, tone = _status(request)
    body: list[CardElement] = [
        header("Access request", status, tone),
        _who_wants_what(request),
        quote("Why", request.justification),
        *fields(
            [
                _time(request),
                ("Role", say_role(request.terms.role)),
                ("Opens", say_scope(request.terms)),
                _people(request),
            ]
        ),
        *_local_end(request),
        *_decisions(request),
        *_failure(request),
        correlation(request.id),
    ]
    undecided = request.state is RequestState.PENDING
    return card(body, _buttons(request) if buttons and undecided else [])


def _status(request: Request) -> tuple[str, Tone]:
    match request.state:
        case RequestState.PENDING:
            return _waiting(request), Tone.INFO
        case RequestState.REVOKING if request.failure:
            return "Could not be granted: tidying up", Tone.WARNING
        case RequestState.DENIED if request.denial and request.denial.approver is None:
            return "Blocked by policy", Tone.BAD
        case state:
            return _STATUS[state]


def _waiting(request: Request) -> str:
    needed = request.terms.min_approvals
    if needed == 1:
        return "Waiting for approval"
    return f"Waiting for approval: {len(request.approvals)} of {needed}"


def _who_wants_what(request: Request) -> CardElement:
    return paragraph(
        run(text.name_of(request.requester), bold=True),
        run(" asks to read "),
        run(text.line(request.secret), bold=True),
        run(" in "),
        run(text.line(request.vault), bold=True),
        run(f" for {say_duration(request.window)}."),
        spacing="Medium",
    )


def _time(request: Request) -> tuple[str, str]:
    grant = request.grant
    match request.state:
        case RequestState.PENDING:
            return "Decide by", utc(request.lapses_at)
        case RequestState.ACTIVE | RequestState.REVOKING | RequestState.STUCK if (
            grant and grant.expires_at
        ):
            return "Until", utc(grant.expires_at)
        case RequestState.REVOKED if grant and grant.expires_at:
            return "Was to last until", utc(grant.expires_at)
        case _:
            return "Asked at", utc(request.requested_at)


def _people(request: Request) -> tuple[str, str]:
    others = tuple(
        person
        for person in request.terms.approvers
        if person.object_id != request.requester.object_id
    )
    return "Can approve", text.names_of(others)


def _local_end(request: Request) -> list[CardElement]:
    grant = request.grant
    if request.state is RequestState.ACTIVE and grant and grant.expires_at:
        return [caption(f"Ends at {local(grant.expires_at)} your time.", "Small")]
    return []


def _decisions(request: Request) -> list[CardElement]:
    """Draw who decided, when, and the reason of a denial."""
    rows: list[CardElement] = [
        paragraph(
            run("Approved by "),
            run(text.name_of(approval.approver), bold=True),
            run(f"  {utc(approval.at)}", subtle=True, size="Small"),
            spacing="Medium" if number == 0 else "Small",
        )
        for number, approval in enumerate(request.approvals)
    ]
    denial = request.denial
    if denial is None:
        return rows
    who = text.name_of(denial.approver) if denial.approver else "policy"
    rows.append(
        paragraph(
            run("Denied by "),
            run(who, bold=True),
            run(f"  {utc(denial.at)}", subtle=True, size="Small"),
            spacing="Medium",
        )
    )
    if text.lines(denial.reason):
        rows.append(quote("Reason", denial.reason))
    return rows


def _failure(request: Request) -> list[CardElement]:
    return [quote("What went wrong", request.failure)] if request.failure else []


def _buttons(request: Request) -> list[Action]:
    data = {verbs.REQUEST: request.id}
    return [
        ExecuteAction(title="Approve", verb=verbs.APPROVE, data=data, style="positive"),
        ShowCardAction(title="Deny…", card=_denial_form(data)),
    ]


def _denial_form(data: dict[str, str]) -> AdaptiveCard:
    reason = TextInput(
        id=verbs.REASON,
        label="Reason (the requester sees it)",
        placeholder="Optional",
        is_multiline=True,
        max_length=LONGEST_REASON,
    )
    deny = ExecuteAction(title="Deny", verb=verbs.DENY, data=data, style="destructive")
    return AdaptiveCard(version="1.5", body=[reason], actions=[deny])
