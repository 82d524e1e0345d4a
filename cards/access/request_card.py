"""The card of an access request, in every state."""

from datetime import datetime

from microsoft_teams.cards import (
    Action,
    AdaptiveCard,
    CardElement,
    ExecuteAction,
    ShowCardAction,
    TextInput,
    ToggleInput,
)

from cards.access.messages.proof_messages import proof_of
from cards.access.parts.asking import asked_for, asks_for
from cards.access.parts.background import background
from cards.access.parts.extension import extension_fields
from cards.access.parts.left_out import left_out_fields
from cards.access.parts.limits import approved_by
from cards.access.parts.rule_approval import approved_by_rule
from cards.access.parts.scope import describe_roles, describe_scope
from cards.access.parts.standing import standing_access
from cards.kit import text, verbs
from cards.kit.azure_answers import describe_answer
from cards.kit.elements import (
    Content,
    Field,
    Named,
    Sentence,
    Spacing,
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
    runs_of,
)
from cards.kit.message import others_of, person
from cards.kit.secret_list import secret_list
from cards.kit.sentences import sentence
from cards.kit.times import duration, utc
from cards.kit.tone import Tone
from cards.languages.texts import say
from cards.reasons.sentences import sentence_of
from domain.access.answers import has_approved
from domain.access.approval import Denial
from domain.access.request import Request, RequestState
from domain.access.transitions.leaving_out import opens
from domain.access.transitions.opened import opened_since
from domain.durations import write_duration
from domain.people import Actor
from domain.phrases import mark
from domain.secrets import is_secret_name
from domain.typed import LONGEST_REASON

_LONGEST_DURATION_TEXT = 40

_NO_APPROVER = mark(
    "You're no longer an approver of this request, because the policy or its approvers have "
    "changed. Only the approvers above can decide it."
)

_STATUS = {
    RequestState.SCHEDULED: (mark("Approved, starts later"), Tone.INFO),
    RequestState.ACTIVE: (mark("Granted"), Tone.GOOD),
    RequestState.REVOKING: (mark("Revocation started"), Tone.WARNING),
    RequestState.STUCK: (mark("Access not revoked yet"), Tone.BAD),
    RequestState.CLOSED: (mark("Closed by an admin, removal not confirmed"), Tone.BAD),
    RequestState.REVOKED: (mark("Ended"), Tone.QUIET),
    RequestState.DENIED: (mark("Denied"), Tone.BAD),
    RequestState.CANCELLED: (mark("Cancelled"), Tone.QUIET),
    RequestState.LAPSED: (mark("Expired: not decided in time"), Tone.QUIET),
    RequestState.FAILED: (mark("Failed, nothing granted"), Tone.BAD),
}


def request_card(
    request: Request,
    *,
    buttons: bool,
    answers: bool = False,
    former: bool = False,
    reader: str = "",
) -> Content:
    """Draw a request in its current state; ``buttons`` lets the reader decide a pending one.

    ``answers`` shows Azure's error answers, which the requester doesn't see. Both show what
    approvers may want to know about the grantee. The requester has a card of their own:
    ``cards.access.own_card``.
    ``former`` tells the reader that they are no longer an approver. ``reader`` is the object ID of
    the only reader: with others' approvals missing, someone who approved can only deny it.
    """
    status, tone = request_status(request)
    body: list[CardElement] = [
        header(say("Access request"), status, tone),
        who_wants_what(request),
        *secret_list(request),
        *([quote(say("Why"), request.justification)] if request.justification else []),
        *fields(
            [
                _time(request),
                *planned_start(request),
                *_terms(request),
                *extension_fields(request),
                *(_answer(request) if answers else ()),
            ]
        ),
        *standing_access(request),
        *(background(request) if answers or buttons else []),
        *([caption(say(_NO_APPROVER), "Medium")] if former else []),
        *_decisions(request),
        *_ended_early(request),
        *_called_off(request),
        *failure(request, text.name_of(request.requester)),
        *_reads(request),
        correlation(request.id),
    ]
    undecided = request.state is RequestState.PENDING
    return card(body, _buttons(request, reader) if buttons and undecided else [])


def request_status(request: Request) -> tuple[str, Tone]:
    """Return a request's status in a few words, and its colour."""
    match request.state:
        case RequestState.PENDING:
            return _waiting(request), Tone.INFO
        case RequestState.GRANTING:
            return _granting(request)
        case RequestState.ACTIVE if request.approved_by_rule:
            return say("Granted, approved by rule"), Tone.GOOD
        case RequestState.SCHEDULED if request.start_by:
            until = utc(request.start_by)
            said = say("Approved, checks at its start go on until {until}", until=until)
            return said, Tone.WARNING
        case RequestState.REVOKING if request.watched_until:
            until = utc(request.watched_until)
            return say("Removed, checking Azure until {until}", until=until), Tone.WARNING
        case RequestState.REVOKING if request.failure:
            return say("Not granted, cleaning up"), Tone.WARNING
        case RequestState.FAILED if opened_since(request):
            return say("Grant failed"), Tone.BAD
        case RequestState.DENIED if request.denial and request.denial.approver is None:
            return say("Blocked by policy"), Tone.BAD
        case state:
            status, tone = _STATUS[state]
            return say(status), tone


def _granting(request: Request) -> tuple[str, Tone]:
    if request.waits_for_room and request.broke_glass:
        return say("Waiting for room in the subscription"), Tone.WARNING
    if request.waits_for_room:
        return say("Approved, waiting for room in the subscription"), Tone.WARNING
    if request.broke_glass:
        return say("Granting break-glass access"), Tone.INFO
    if request.approved_by_rule:
        return say("Approved by rule, granting access"), Tone.INFO
    return say("Approved, granting access"), Tone.INFO


def _waiting(request: Request) -> str:
    needed = request.terms.min_approvals
    if needed == 1:
        return say("Waiting for approval")
    count = len(request.approvals)
    return say("Waiting for approval: {count} of {needed}", count=count, needed=needed)


def who_wants_what(request: Request) -> CardElement:
    """Say who asks for what."""
    waits = request.state is RequestState.PENDING
    return rich_text(asks_for(request) if waits else asked_for(request))


def _time(request: Request) -> Field:
    """Draw the time that matters most in this state."""
    expires_at = request.grant.expires_at if request.grant else None
    match request.state:
        case RequestState.PENDING:
            return moment(say("Decide by"), request.lapses_at)
        case RequestState.SCHEDULED if request.starts_at:
            return moment(say("Starts"), request.starts_at)
        case RequestState.ACTIVE if expires_at:
            return moment(say("Until"), expires_at)
        case RequestState.REVOKING | RequestState.STUCK | RequestState.REVOKED if expires_at:
            return Field(say("Was due to end"), utc(expires_at))
        case _:
            return Field(say("Requested"), utc(request.requested_at))


def _terms(request: Request) -> list[Field]:
    """Draw what it opens and who decides, if anyone got as far as looking at that."""
    if request.is_unchecked:
        return []
    return [
        Field(say("Opens"), describe_scope(request.targets)),
        *left_out_fields(request),
        Field(say("Approvers"), others_of(request)),
        Field(say("Role"), describe_roles(request.targets)),
    ]


def planned_start(request: Request) -> list[Field]:
    """Draw the start that is asked for; once it has passed, access starts with the approval."""
    if request.starts_at is None or request.state is not RequestState.PENDING:
        return []
    start = moment(say("Starts"), request.starts_at)
    value = say("{start}, or once approved if that's later", start=start.value)
    return [start._replace(value=value)]


def _decisions(request: Request) -> list[CardElement]:
    """Draw who decided and when, and the reason for a denial."""
    rows: list[CardElement] = [
        _said_at(
            approved_by(request, approval),
            approval.at,
            "Medium" if number == 0 else "Small",
        )
        for number, approval in enumerate(request.approvals)
    ]
    rows += approved_by_rule(request)
    rows += _review(request)
    denial = request.denial
    if denial is None:
        return rows
    reason = _reason(denial, text.name_of(request.requester))
    return [*rows, _said_at(_denied(denial.approver), denial.at), *reason]


def _denied(approver: Actor | None) -> Sentence:
    if approver is None:
        return sentence("Denied by policy")
    return sentence("Denied by {who}", who=person(approver))


def _said_at(what: Sentence, at: datetime, spacing: Spacing = "Medium") -> CardElement:
    when = run(f"  {utc(at)}", subtle=True, size="Small")
    return paragraph(*runs_of(what), when, spacing=spacing)


def reasons(request: Request) -> list[CardElement]:
    """Draw for the requester why it was denied, the conditions of a rule, and a review's note."""
    reason = _reason(request.denial) if request.denial else []
    return [*approved_by_rule(request), *_review(request), *reason]


def _reason(denial: Denial, person: str = "") -> list[CardElement]:
    reason = sentence_of(denial.refusal, person) if denial.refusal else denial.reason
    return [quote(say("Reason"), reason)] if text.lines(reason) else []


def _review(request: Request) -> list[CardElement]:
    """Draw whether break-glass access has been reviewed, and by whom."""
    if not request.broke_glass:
        return []
    review = request.review
    status = (
        say("reviewed by {who}", who=text.name_of(review.approver))
        if review
        else say("not reviewed yet")
    )
    rows: list[CardElement] = [
        rich_text(sentence("Break-glass access: {status}", status=Named(status)))
    ]
    if review and text.lines(review.note):
        rows.append(quote(say("Review"), review.note))
    return rows


def _ended_early(request: Request) -> list[CardElement]:
    if request.ended_by is None or request.revoke_since is None:
        return []
    ended = sentence("Ended early by {who}", who=person(request.ended_by))
    return [_said_at(ended, request.revoke_since)]


def _reads(request: Request) -> list[CardElement]:
    shown = proof_of(request)
    return [rich_text(shown)] if shown else []


def _called_off(request: Request) -> list[CardElement]:
    """Draw who ended approved access before its start."""
    if request.ended_by is None or request.state is not RequestState.CANCELLED:
        return []
    who = person(request.ended_by)
    return [rich_text(sentence("Called off before its start by {who}", who=who))]


def _answer(request: Request) -> tuple[Field, ...]:
    """Show Azure's answer if access could not be granted or revoked."""
    is_failing = request.state in {RequestState.REVOKING, RequestState.STUCK}
    said = describe_answer((request.answer if is_failing else None) or request.failed_with)
    return (Field(say("Azure answered"), said),) if said else ()


def failure(request: Request, person: str = "") -> list[CardElement]:
    """Draw why nothing was granted; empty if something was.

    ``person`` is the requester's name, for other readers.
    """
    if request.failure is None:
        return []
    return [quote(say("What went wrong"), sentence_of(request.failure, person))]


def _buttons(request: Request, reader: str) -> list[Action]:
    data = {verbs.REQUEST: request.id}
    deny = ShowCardAction(title=say("Deny…"), card=denial_form(data))
    if has_approved(request, reader):
        return [deny]
    return [
        ExecuteAction(
            title=say("Approve"),
            verb=verbs.APPROVE,
            data=data,
            style="positive",
            associated_inputs="none",  # a half-typed reason under Deny isn't part of an approval
        ),
        ShowCardAction(title=say("Approve less…"), card=_limits_form(request, data)),
        deny,
    ]


def _limits_form(request: Request, data: dict[str, str]) -> AdaptiveCard:
    window = TextInput(
        id=verbs.WINDOW,
        label=say("For how long (at most {longest})", longest=duration(request.window)),
        max_length=_LONGEST_DURATION_TEXT,
        value=write_duration(request.window),
    )
    inputs: list[CardElement] = [window]
    if any(target.can_be_narrowed for target in request.targets):
        title = _narrowing(request)
        inputs.append(ToggleInput(id=verbs.NARROW, title=title, value="true"))
    inputs += _choices(request)
    approve = ExecuteAction(
        title=say("Approve with limits"), verb=verbs.APPROVE, data=data, style="positive"
    )
    return AdaptiveCard(version="1.5", body=inputs, actions=[approve])


def _narrowing(request: Request) -> str:
    if len(request.targets) == 1:
        return say("Only this secret, not the whole vault")
    return say("Only these secrets, not whole vaults")


def _choices(request: Request) -> list[CardElement]:
    """Draw a toggle for each of several secrets, so that some can be left out."""
    names = [name for name in request.secrets if is_secret_name(name)]  # titles are markdown
    if len(names) < 2:
        return []
    note = (
        say(
            "Untick a secret to leave it out; the rest is granted. Its vault is then not opened "
            "as a whole, only the secrets that you keep."
        )
        if _share_access(request)
        else say("Untick a secret to leave it out; the rest is granted.")
    )
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
        label=say("Reason (visible to the requester)"),
        placeholder=say("Optional"),
        is_multiline=True,
        max_length=LONGEST_REASON,
    )
    deny = ExecuteAction(title=say("Deny"), verb=verbs.DENY, data=data, style="destructive")
    return AdaptiveCard(version="1.5", body=[reason], actions=[deny])
