"""The card of an access request, in every state."""

from microsoft_teams.cards import (
    Action,
    AdaptiveCard,
    CardElement,
    ExecuteAction,
    ShowCardAction,
    TextInput,
    ToggleInput,
)

from cards.access.background import background
from cards.access.extension import extension_fields
from cards.access.left_out import left_out_fields
from cards.access.rule_approval import approved_by_rule
from cards.access.scope import describe_roles, describe_scope
from cards.access.standing import standing_access
from cards.kit import text, verbs
from cards.kit.azure_answers import describe_answer
from cards.kit.elements import (
    Content,
    Field,
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
from cards.kit.message import asked_for, asks_for, others_of
from cards.kit.secret_list import secret_list
from cards.kit.terms import DENIED, DENY
from cards.kit.times import utc
from cards.kit.tone import Tone
from cards.reasons.sentences import sentence_of
from domain.access.leaving_out import opens
from domain.access.request import Denial, Request, RequestState
from domain.durations import format_duration, write_duration
from domain.secrets import is_secret_name

LONGEST_REASON = 500
_LONGEST_DURATION_TEXT = 40

_NO_APPROVER = (
    "You're no longer an approver of this request, because the policy or its approvers have "
    "changed. Only the approvers above can decide it."
)

_STATUS = {
    RequestState.SCHEDULED: ("Approved, starts later", Tone.INFO),
    RequestState.GRANTING: ("Approved, granting access", Tone.INFO),
    RequestState.ACTIVE: ("Granted", Tone.GOOD),
    RequestState.REVOKING: ("Revoking access", Tone.WARNING),
    RequestState.STUCK: ("Access not revoked yet", Tone.BAD),
    RequestState.CLOSED: ("Closed by an admin, removal not confirmed", Tone.BAD),
    RequestState.REVOKED: ("Ended", Tone.QUIET),
    RequestState.DENIED: (DENIED.capitalize(), Tone.BAD),
    RequestState.CANCELLED: ("Cancelled", Tone.QUIET),
    RequestState.LAPSED: ("Expired: no one decided in time", Tone.QUIET),
    RequestState.FAILED: ("Failed, nothing granted", Tone.BAD),
}


def request_card(
    request: Request, *, buttons: bool, answers: bool = False, former: bool = False
) -> Content:
    """Draw a request in its current state; ``buttons`` lets the reader decide a pending one.

    ``answers`` shows Azure's error answers, which the requester doesn't see. Both show what
    approvers may want to know about the grantee. The requester has a card of their own:
    ``cards.access.own_card``.
    ``former`` tells the reader that they are no longer an approver.
    """
    status, tone = request_status(request)
    body: list[CardElement] = [
        header("Access request", status, tone),
        who_wants_what(request),
        *secret_list(request),
        *([quote("Why", request.justification)] if request.justification else []),
        *fields(
            [
                _time(request),
                *planned_start(request),
                Field("Opens", describe_scope(request.targets)),
                *left_out_fields(request),
                Field("Approvers", others_of(request)),
                Field("Role", describe_roles(request.targets)),
                *extension_fields(request),
                *(_answer(request) if answers else ()),
            ]
        ),
        *standing_access(request),
        *(background(request) if answers or buttons else []),
        *([caption(_NO_APPROVER, "Medium")] if former else []),
        *_decisions(request),
        *_ended_early(request),
        *_called_off(request),
        *failure(request),
        correlation(request.id),
    ]
    undecided = request.state is RequestState.PENDING
    return card(body, _buttons(request) if buttons and undecided else [])


def request_status(request: Request) -> tuple[str, Tone]:
    """Return a request's status in a few words, and its colour."""
    match request.state:
        case RequestState.PENDING:
            return _waiting(request), Tone.INFO
        case RequestState.GRANTING if request.approved_by_rule:
            return "Approved by rule, granting access", Tone.INFO
        case RequestState.ACTIVE if request.approved_by_rule:
            return "Granted, approved by rule", Tone.GOOD
        case RequestState.SCHEDULED if request.start_by:
            return (
                f"Approved, checks at its start go on until {utc(request.start_by)}",
                Tone.WARNING,
            )
        case RequestState.REVOKING if request.watched_until:
            return f"Removed, checking Azure until {utc(request.watched_until)}", Tone.WARNING
        case RequestState.REVOKING if request.failure:
            return "Not granted, cleaning up", Tone.WARNING
        case RequestState.DENIED if request.denial and request.denial.approver is None:
            return "Blocked by policy", Tone.BAD
        case state:
            return _STATUS[state]


def _waiting(request: Request) -> str:
    needed = request.terms.min_approvals
    if needed == 1:
        return "Waiting for approval"
    return f"Waiting for approval: {len(request.approvals)} of {needed}"


def who_wants_what(request: Request) -> CardElement:
    """Say who asks for what."""
    waits = request.state is RequestState.PENDING
    return rich_text(asks_for(request) if waits else asked_for(request))


def _time(request: Request) -> Field:
    """Draw the time that matters most in this state."""
    expires_at = request.grant.expires_at if request.grant else None
    match request.state:
        case RequestState.PENDING:
            return moment("Decide by", request.lapses_at)
        case RequestState.SCHEDULED if request.starts_at:
            return moment("Starts", request.starts_at)
        case RequestState.ACTIVE if expires_at:
            return moment("Until", expires_at)
        case RequestState.REVOKING | RequestState.STUCK | RequestState.REVOKED if expires_at:
            return Field("Was due to end", utc(expires_at))
        case _:
            return Field("Requested", utc(request.requested_at))


def planned_start(request: Request) -> list[Field]:
    """Draw the start that is asked for; once it has passed, access starts with the approval."""
    if request.starts_at is None or request.state is not RequestState.PENDING:
        return []
    start = moment("Starts", request.starts_at)
    return [start._replace(value=f"{start.value}, or once approved if that's later")]


def _decisions(request: Request) -> list[CardElement]:
    """Draw who decided and when, and the reason for a denial."""
    rows: list[CardElement] = [
        paragraph(
            run("Approved by "),
            run(text.name_of(approval.approver), bold=True),
            run(f"  {utc(approval.at)}", subtle=True, size="Small"),
            spacing="Medium" if number == 0 else "Small",
        )
        for number, approval in enumerate(request.approvals)
    ]
    rows += approved_by_rule(request)
    rows += _review(request)
    denial = request.denial
    if denial is None:
        return rows
    who = text.name_of(denial.approver) if denial.approver else "policy"
    rows.append(
        paragraph(
            run(f"{DENIED.capitalize()} by "),
            run(who, bold=True),
            run(f"  {utc(denial.at)}", subtle=True, size="Small"),
            spacing="Medium",
        )
    )
    return rows + _reason(denial)


def reasons(request: Request) -> list[CardElement]:
    """Draw the reason for a denial, the conditions of a rule, and a review's note."""
    reason = _reason(request.denial) if request.denial else []
    return [*approved_by_rule(request), *_review(request), *reason]


def _reason(denial: Denial) -> list[CardElement]:
    reason = sentence_of(denial.refusal) if denial.refusal else denial.reason
    return [quote("Reason", reason)] if text.lines(reason) else []


def _review(request: Request) -> list[CardElement]:
    """Draw whether break-glass access has been reviewed, and by whom."""
    if not request.broke_glass:
        return []
    review = request.review
    who = f"reviewed by {text.name_of(review.approver)}" if review else "not reviewed yet"
    rows: list[CardElement] = [
        paragraph(run("Break-glass access: "), run(who, bold=True), spacing="Medium")
    ]
    if review and text.lines(review.note):
        rows.append(quote("Review", review.note))
    return rows


def _ended_early(request: Request) -> list[CardElement]:
    if request.ended_by is None or request.revoke_since is None:
        return []
    return [
        paragraph(
            run("Ended early by "),
            run(text.name_of(request.ended_by), bold=True),
            run(f"  {utc(request.revoke_since)}", subtle=True, size="Small"),
            spacing="Medium",
        )
    ]


def _called_off(request: Request) -> list[CardElement]:
    """Draw who ended approved access before its start."""
    if request.ended_by is None or request.state is not RequestState.CANCELLED:
        return []
    who = run(text.name_of(request.ended_by), bold=True)
    return [paragraph(run("Called off before its start by "), who, spacing="Medium")]


def _answer(request: Request) -> tuple[Field, ...]:
    """Show Azure's answer if access could not be granted or revoked."""
    is_failing = request.state in {RequestState.REVOKING, RequestState.STUCK}
    said = describe_answer((request.answer if is_failing else None) or request.failed_with)
    return (Field("Azure answered", said),) if said else ()


def failure(request: Request) -> list[CardElement]:
    """Draw why nothing was granted; empty if something was."""
    return [quote("What went wrong", sentence_of(request.failure))] if request.failure else []


def _buttons(request: Request) -> list[Action]:
    data = {verbs.REQUEST: request.id}
    return [
        ExecuteAction(
            title="Approve",
            verb=verbs.APPROVE,
            data=data,
            style="positive",
            associated_inputs="none",  # a half-typed reason under Deny isn't part of an approval
        ),
        ShowCardAction(title="Approve less…", card=_limits_form(request, data)),
        ShowCardAction(title=f"{DENY.capitalize()}…", card=denial_form(data)),
    ]


def _limits_form(request: Request, data: dict[str, str]) -> AdaptiveCard:
    window = TextInput(
        id=verbs.WINDOW,
        label=f"For how long (at most {format_duration(request.window)})",
        max_length=_LONGEST_DURATION_TEXT,
        value=write_duration(request.window),
    )
    inputs: list[CardElement] = [window]
    if any(target.can_be_narrowed for target in request.targets):
        title = _narrowing(request)
        inputs.append(ToggleInput(id=verbs.NARROW, title=title, value="true"))
    inputs += _choices(request)
    approve = ExecuteAction(
        title="Approve with limits", verb=verbs.APPROVE, data=data, style="positive"
    )
    return AdaptiveCard(version="1.5", body=inputs, actions=[approve])


def _narrowing(request: Request) -> str:
    if len(request.targets) == 1:
        return "Only this secret, not the whole vault"
    return "Only these secrets, not whole vaults"


def _choices(request: Request) -> list[CardElement]:
    """Draw a toggle for each of several secrets, so that some can be left out."""
    names = [name for name in request.secrets if is_secret_name(name)]  # titles are markdown
    if len(names) < 2:
        return []
    note = "Untick a secret to leave it out; the rest is granted."
    if _share_access(request):
        note += " Its vault is then not opened as a whole, only the secrets that you keep."
    toggles = [
        ToggleInput(id=f"{verbs.CHOOSE}{name}", title=name, value="true", spacing="None")
        for name in names
    ]
    return [caption(note, "Medium"), *toggles]


def _share_access(request: Request) -> bool:
    """Return whether the access to one secret would open another one that is left out."""
    return any(
        one is not other and opens(one, other)
        for one in request.targets
        for other in request.targets
    )


def denial_form(data: dict[str, str]) -> AdaptiveCard:
    """Draw the form that denies a request, with a reason."""
    reason = TextInput(
        id=verbs.REASON,
        label="Reason (visible to the requester)",
        placeholder="Optional",
        is_multiline=True,
        max_length=LONGEST_REASON,
    )
    deny = ExecuteAction(title=DENY.capitalize(), verb=verbs.DENY, data=data, style="destructive")
    return AdaptiveCard(version="1.5", body=[reason], actions=[deny])
