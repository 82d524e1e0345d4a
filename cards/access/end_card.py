"""Ask whether to end access early, and show what that would do."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from microsoft_teams.cards import Action, CardElement, ExecuteAction

from cards.access.parts.endings import THEY, not_known_if_readable, still_readable
from cards.access.parts.rule_approval import describe_rule
from cards.access.parts.scope import describe_roles, describe_scope
from cards.kit import text, verbs
from cards.kit.elements import (
    Content,
    Field,
    Sentence,
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
from cards.kit.sentences import sentence, together
from cards.kit.times import duration
from cards.kit.tone import Tone
from cards.languages.texts import say, say_as, say_count
from domain.access.request import Request, RequestState
from domain.access.transitions.opened import to_rotate
from domain.workflow import Fact


def end_card(request: Request, still: Mapping[str, Fact] | None = None) -> Content:
    """Draw what ending this access now would do, and ask for confirmation.

    ``still`` are the facts of what the holder can read through other grants.
    """
    return card(
        [
            header(say("Access request"), _question(request), Tone.WARNING),
            rich_text(_loss(request, still or {})),
            *secret_list(request),
            *fields(
                [
                    _end(request),
                    Field(say("Opens"), describe_scope(request.targets)),
                    Field(say("Role"), describe_roles(request.targets)),
                    Field(say("Approved by"), _approved_by(request)),
                ]
            ),
            *_what_happens(request),
            correlation(request.id),
        ],
        _buttons(request),
    )


def _question(request: Request) -> str:
    if _is_ahead(request):
        return say("Call off this access?")
    return say("End this access now?")


def _loss(request: Request, still: Mapping[str, Fact]) -> Sentence:
    who, secrets = person(request.holder), secrets_of(request)
    if _is_ahead(request):
        return sentence("{who} won't get access to {secrets}.", who=who, secrets=secrets)
    if other := still_readable(request, still, THEY):
        return together(
            sentence("{who}'s grant for {secrets} would end.", who=who, secrets=secrets), other
        )
    if not_known := not_known_if_readable(request, still, THEY):
        return together(
            sentence("{who}'s grant for {secrets} would end.", who=who, secrets=secrets), not_known
        )
    return sentence("{who} will lose access to {secrets}.", who=who, secrets=secrets)


def _is_ahead(request: Request) -> bool:
    """Return whether the access hasn't started yet."""
    return request.state is RequestState.SCHEDULED


def _end(request: Request) -> Field:
    if request.starts_at and _is_ahead(request):
        return moment(say("Otherwise starts"), request.starts_at)
    expires_at = request.granted.expires_at
    if expires_at is None:
        return Field(say("Access"), say("is being granted right now"))
    return moment(say("Otherwise ends"), expires_at)


def _approved_by(request: Request) -> str:
    if request.approved_by_rule:
        return describe_rule(request)
    return text.names_of(tuple(approval.approver.as_person() for approval in request.approvals))


def _what_happens(request: Request) -> list[CardElement]:
    if _is_ahead(request):
        return [
            caption(
                say(
                    "Nothing has been granted yet. Everyone involved gets a message saying who "
                    "called it off. To undo this, make a new request."
                ),
                "Medium",
            )
        ]
    return [caption("\n".join([_what_is_deleted(request), *_what_is_rotated(request)]), "Medium")]


def _what_is_deleted(request: Request) -> str:
    if len(request.assignments) == 1:
        return say(
            "The role assignment is deleted, and Azure is asked to confirm it, unless another "
            "grant still needs it. Everyone involved gets a message saying who ended it. To undo "
            "this, make a new request."
        )
    return say(
        "The role assignments are deleted, and Azure is asked to confirm it, unless another grant "
        "still needs them. Everyone involved gets a message saying who ended it. To undo this, "
        "make a new request."
    )


def _what_is_rotated(request: Request) -> list[str]:
    counts = Counter(target.rotation_waits for target in to_rotate(request))
    is_alone = len(request.targets) == 1
    return [
        _rotated_after(wait, count, is_alone=is_alone) for wait, count in sorted(counts.items())
    ]


def _rotated_after(wait: timedelta, count: int, *, is_alone: bool) -> str:
    if is_alone and not wait:
        return say("Then the secret is rotated.")
    if is_alone:
        return say("{time} later, the secret is rotated.", time=duration(wait))
    if not wait:
        return say_count(
            "Then {count} of the secrets is rotated.",
            "Then {count} of the secrets are rotated.",
            count,
        )
    return say_count(
        "{time} later, {count} of the secrets is rotated.",
        "{time} later, {count} of the secrets are rotated.",
        count,
        time=duration(wait),
    )


def _buttons(request: Request) -> list[Action]:
    data = {verbs.REQUEST: request.id}
    title = say("Call it off") if _is_ahead(request) else say("End access")
    return [
        ExecuteAction(title=title, verb=verbs.END, data=data, style="destructive"),
        ExecuteAction(title=say_as("access", "Keep it"), verb=verbs.KEEP, data=data),
    ]
