"""Ask whether to end access early, and show what that would do."""

from microsoft_teams.cards import Action, CardElement, ExecuteAction

from cards.access.rule_approval import describe_rule
from cards.access.scope import describe_roles, describe_scope
from cards.kit import text, verbs
from cards.kit.elements import (
    Content,
    Field,
    caption,
    card,
    correlation,
    fields,
    header,
    moment,
    rich_text,
)
from cards.kit.message import person, secrets_of
from cards.kit.secret_list import secret_list
from cards.kit.tone import Tone
from domain.access.request import Request, RequestState


def end_card(request: Request) -> Content:
    """Draw what ending this access now would do, and ask for confirmation."""
    return card(
        [
            header("Access request", _question(request), Tone.WARNING),
            rich_text((person(request.holder), _loss(request), *secrets_of(request), ".")),
            *secret_list(request),
            *fields(
                [
                    _end(request),
                    Field("Opens", describe_scope(request.targets)),
                    Field("Role", describe_roles(request.targets)),
                    Field("Approved by", _approved_by(request)),
                ]
            ),
            *_what_happens(request),
            correlation(request.id),
        ],
        _buttons(request),
    )


def _question(request: Request) -> str:
    return "Call off this access?" if _is_ahead(request) else "End this access now?"


def _loss(request: Request) -> str:
    return " won't get access to " if _is_ahead(request) else " will lose access to "


def _is_ahead(request: Request) -> bool:
    """Return whether the access hasn't started yet."""
    return request.state is RequestState.SCHEDULED


def _end(request: Request) -> Field:
    if request.starts_at and _is_ahead(request):
        return moment("Otherwise starts", request.starts_at)
    expires_at = request.granted.expires_at
    if expires_at is None:
        return Field("Access", "is being granted right now")
    return moment("Otherwise ends", expires_at)


def _approved_by(request: Request) -> str:
    if request.approved_by_rule:
        return describe_rule(request)
    return text.names_of(tuple(approval.approver.as_person() for approval in request.approvals))


def _what_happens(request: Request) -> list[CardElement]:
    if _is_ahead(request):
        return [
            caption(
                "Nothing has been granted yet. Everyone involved gets a message saying who called "
                "it off. To undo this, make a new request.",
                "Medium",
            )
        ]
    is_alone = len(request.assignments) == 1
    return [
        caption(
            f"The role {'assignment is' if is_alone else 'assignments are'} deleted, and Azure is "
            f"asked to confirm it, unless another grant still needs "
            f"{'it' if is_alone else 'them'}. Everyone involved gets a message saying who ended "
            f"it. To undo this, make a new request.{_what_is_rotated(request)}",
            "Medium",
        )
    ]


def _what_is_rotated(request: Request) -> str:
    count = sum(target.rotate_after for target in request.targets)
    if not count:
        return ""
    if len(request.targets) == 1:
        return "\nThen the secret is rotated."
    return (
        f"\nThen {'1 of the secrets is' if count == 1 else f'{count} of the secrets are'} rotated."
    )


def _buttons(request: Request) -> list[Action]:
    data = {verbs.REQUEST: request.id}
    title = "Call it off" if _is_ahead(request) else "End access"
    return [
        ExecuteAction(title=title, verb=verbs.END, data=data, style="destructive"),
        ExecuteAction(title="Keep it", verb=verbs.KEEP, data=data),
    ]
