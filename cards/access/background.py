"""What an approver sees about the grantee: recent requests, and other access in the vault."""

from microsoft_teams.cards import CardElement

from cards.kit import text
from cards.kit.elements import Named, Sentence, rich_text
from cards.kit.times import day, utc
from domain.access.background import RECENT, AskedBefore, OtherAccess
from domain.access.request import Request
from domain.names import listed

_MOST = 3
"""The most lines of each kind on a card."""


def background(request: Request) -> list[CardElement]:
    """Draw what was known about the grantee when the request was made; empty if nothing was."""
    who, known = text.name_of(request.holder), request.background
    asked, others = known.asked_before[:_MOST], known.other_access[:_MOST]
    is_one = len(request.asked_for) == 1
    return [
        *(rich_text(_asked(who, one, is_one=is_one)) for one in asked),
        *(rich_text(_other(who, one)) for one in others),
    ]


def _asked(who: str, known: AskedBefore, *, is_one: bool) -> Sentence:
    secret = "this" if is_one else text.id_of(known.secret)
    return (
        f"Requests for {secret} by or for ",
        Named(who),
        f" in the last {RECENT.days} days: ",
        Named(f"{known.times} or more" if known.or_more else str(known.times)),
        f", granted: {known.granted}, the last one on ",
        Named(day(known.last_at)),
        ".",
    )


def _other(who: str, known: OtherAccess) -> Sentence:
    secrets = listed([text.id_of(one) for one in known.secrets])
    vault = text.id_of(known.vault)
    what: Sentence = (Named(secrets), " in ", Named(vault))
    if known.whole_vault:
        what = ("the whole vault ", Named(vault), f" (granted for {secrets})")
    return (
        Named(who),
        " already has access to ",
        *what,
        " until ",
        Named(utc(known.expires_at)),
        ".",
    )
