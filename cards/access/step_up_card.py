"""Ask a person to confirm with a fresh sign-in what they have just done."""

from datetime import timedelta

from microsoft_teams.cards import Action, CardElement, ExecuteAction, OpenUrlAction, ShowCardAction

from cards.access.parts.left_out import left_out_fields
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
from cards.kit.sentences import sentence
from cards.kit.times import duration
from cards.kit.tone import Tone
from cards.languages.texts import listed, say
from domain.access.request import Request
from domain.access.transitions.extensions import open_extension
from domain.phrases import mark

_STATUS = mark("Confirm it's you")
_HOW = mark(
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
    return card(
        [
            header(say("Access request"), say(_STATUS), Tone.WARNING),
            rich_text(_to_approve(request, window or request.window, narrowed=narrowed)),
            *secret_list(request),
            *fields(left_out_fields(request)),
            *([quote(say("Why"), request.justification)] if request.justification else []),
            caption(say(_HOW), "Medium"),
            correlation(request.id),
        ],
        [
            _sign_in(link),
            ShowCardAction(title=say("Deny…"), card=denial_form({verbs.REQUEST: request.id})),
        ],
    )


def _to_approve(request: Request, window: timedelta, *, narrowed: bool) -> Sentence:
    who, secrets, lasts = person(request.requester), secrets_of(request), duration(window)
    if narrowed:
        return sentence(
            "To approve {who}'s request for {secrets} for {window}, without the rest of the vault, "
            "sign in again. Your approval doesn't count until then.",
            who=who,
            secrets=secrets,
            window=lasts,
        )
    return sentence(
        "To approve {who}'s request for {secrets} for {window}, sign in again. "
        "Your approval doesn't count until then.",
        who=who,
        secrets=secrets,
        window=lasts,
    )


def extension_step_up_card(request: Request, source_id: str, link: str) -> Content:
    """Ask an approver to confirm that someone gets more time; they can still deny it without."""
    data = {verbs.REQUEST: request.id, verbs.SOURCE_ID: source_id}
    refuse = ExecuteAction(title=say("Deny"), verb=verbs.EXTENSION_REFUSE, data=data)
    return card(
        [
            header(say("Extension request"), say(_STATUS), Tone.WARNING),
            rich_text(_to_allow(request)),
            *secret_list(request),
            caption(say(_HOW), "Medium"),
            correlation(request.id),
        ],
        [_sign_in(link), refuse],
    )


def _to_allow(request: Request) -> Sentence:
    who, secrets, asked = person(request.holder), secrets_of(request), open_extension(request)
    if asked is None:
        return sentence(
            "To allow {who} more of {secrets}, sign in again. "
            "Your approval doesn't count until then.",
            who=who,
            secrets=secrets,
        )
    return sentence(
        "To allow {who} {more} more of {secrets}, sign in again. "
        "Your approval doesn't count until then.",
        who=who,
        more=duration(asked.by),
        secrets=secrets,
    )


def request_step_up_card(secrets: tuple[str, ...], link: str, *, emergency: bool) -> Content:
    """Ask a requester to confirm their request, or the break-glass access that they take."""
    what = Named(listed([text.id_of(secret) for secret in secrets]))
    kind = say("Break-glass access") if emergency else say("Access request")
    body: list[CardElement] = [
        header(kind, say(_STATUS), Tone.WARNING),
        rich_text(sentence("To get access to {secrets}, sign in again.", secrets=what)),
        paragraph(run(say("Nothing has been requested yet.")), spacing="None"),
        caption(say(_HOW), "Medium"),
    ]
    actions: list[Action] = [_sign_in(link)]
    return card(body, actions)


def _sign_in(link: str) -> Action:
    return OpenUrlAction(title=say("Sign in"), url=link, style="positive")
