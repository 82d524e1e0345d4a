"""Ask a person to confirm with a fresh sign-in what they have just done."""

from datetime import timedelta

from microsoft_teams.cards import Action, CardElement, ExecuteAction, OpenUrlAction, ShowCardAction

from cards.access.left_out import left_out_fields
from cards.access.request_card import denial_form
from cards.kit import text, verbs
from cards.kit.elements import (
    Content,
    Named,
    Sentence,
    caption,
    card,
    correlation,
    fields,
    header,
    paragraph,
    quote,
    rich_text,
    run,
)
from cards.kit.message import person, secrets_of
from cards.kit.secret_list import secret_list
from cards.kit.terms import DENY
from cards.kit.tone import Tone
from domain.access.request import Request
from domain.access.windows import open_extension
from domain.durations import format_duration
from domain.names import listed

_STATUS = "Confirm it's you"
_HOW = (
    "The policy asks for a fresh sign-in. The link opens your browser, works for five minutes, and "
    "only for you."
)


def approval_step_up_card(
    request: Request, link: str, window: timedelta | None = None, *, narrowed: bool = False
) -> Content:
    """Ask an approver to confirm their approval; they can still deny the request without it.

    ``window`` and ``narrowed`` are the limits that they set; what they left out, the request does
    without.
    """
    whose: Sentence = (person(request.requester), "'s request for ", *secrets_of(request))
    lasts = f" for {format_duration(window or request.window)}"
    limit = ", without the rest of the vault" if narrowed else ""
    return card(
        [
            header("Access request", _STATUS, Tone.WARNING),
            rich_text(("To approve ", *whose, f"{lasts}{limit}, sign in again. ", _NOT_YET)),
            *secret_list(request),
            *fields(left_out_fields(request)),
            *([quote("Why", request.justification)] if request.justification else []),
            caption(_HOW, "Medium"),
            correlation(request.id),
        ],
        [
            _sign_in(link),
            ShowCardAction(
                title=f"{DENY.capitalize()}…", card=denial_form({verbs.REQUEST: request.id})
            ),
        ],
    )


def extension_step_up_card(request: Request, source_id: str, link: str) -> Content:
    """Ask an approver to confirm that someone gets more time; they can still deny it without."""
    asked = open_extension(request)
    more = f" {format_duration(asked.by)}" if asked else ""
    whose: Sentence = (person(request.requester), f"{more} more of ", *secrets_of(request))
    data = {verbs.REQUEST: request.id, verbs.SOURCE_ID: source_id}
    refuse = ExecuteAction(title=DENY.capitalize(), verb=verbs.EXTENSION_REFUSE, data=data)
    return card(
        [
            header("Extension request", _STATUS, Tone.WARNING),
            rich_text(("To allow ", *whose, ", sign in again. ", _NOT_YET)),
            *secret_list(request),
            caption(_HOW, "Medium"),
            correlation(request.id),
        ],
        [_sign_in(link), refuse],
    )


def request_step_up_card(secrets: tuple[str, ...], link: str, *, emergency: bool) -> Content:
    """Ask a requester to confirm their request, or the break-glass access that they take."""
    what = Named(listed([text.id_of(secret) for secret in secrets]))
    kind = "Break-glass access" if emergency else "Access request"
    body: list[CardElement] = [
        header(kind, _STATUS, Tone.WARNING),
        rich_text(("To get access to ", what, ", sign in again. ")),
        paragraph(run("Nothing has been requested yet."), spacing="None"),
        caption(_HOW, "Medium"),
    ]
    actions: list[Action] = [_sign_in(link)]
    return card(body, actions)


_NOT_YET = "Nothing is approved until then."


def _sign_in(link: str) -> Action:
    return OpenUrlAction(title="Sign in", url=link, style="positive")
