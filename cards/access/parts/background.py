"""What an approver sees about the grantee: recent requests, and other access in the vault."""

from microsoft_teams.cards import CardElement

from cards.kit import text
from cards.kit.elements import Named, Sentence, rich_text
from cards.kit.sentences import sentence
from cards.kit.times import day, utc
from cards.languages.texts import listed, number, say
from domain.access.background import RECENT, AskedBefore, OtherAccess
from domain.access.request import Request

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
    times = say("{count} or more", count=known.times) if known.or_more else number(known.times)
    if is_one:
        return sentence(
            "Requests for this by or for {who} in the last {days} days: {times}, "
            "granted: {granted}, the last one on {day}.",
            who=Named(who),
            days=RECENT.days,
            times=Named(times),
            granted=known.granted,
            day=Named(day(known.last_at)),
        )
    return sentence(
        "Requests for {secret} by or for {who} in the last {days} days: {times}, "
        "granted: {granted}, the last one on {day}.",
        secret=text.id_of(known.secret),
        who=Named(who),
        days=RECENT.days,
        times=Named(times),
        granted=known.granted,
        day=Named(day(known.last_at)),
    )


def _other(who: str, known: OtherAccess) -> Sentence:
    secrets = listed([text.id_of(one) for one in known.secrets])
    vault, end = Named(text.id_of(known.vault)), Named(utc(known.expires_at))
    if known.whole_vault:
        return sentence(
            "{who} already has access to the whole vault {vault} (granted for {secrets}) "
            "until {end}.",
            who=Named(who),
            vault=vault,
            secrets=secrets,
            end=end,
        )
    return sentence(
        "{who} already has access to {secrets} in {vault} until {end}.",
        who=Named(who),
        secrets=Named(secrets),
        vault=vault,
        end=end,
    )
