"""The list of what waits for a person's decision, sent before the requests' own cards."""

from collections.abc import Sequence
from datetime import datetime

from microsoft_teams.cards import CardElement

from cards.access.parts.asking import may_be_shortened
from cards.access.parts.left_out import left_out_line
from cards.kit import verbs
from cards.kit.elements import (
    Content,
    Named,
    Sentence,
    caption,
    card,
    header,
    paragraph,
    rich_text,
    run,
)
from cards.kit.listing import ONE_PAGE, Paging, and_more, page_buttons
from cards.kit.message import all_secrets_of, person
from cards.kit.sentences import sentence
from cards.kit.times import age, duration, utc
from cards.kit.tone import Tone
from cards.languages.texts import say, say_count
from domain.access.extension import Extension
from domain.access.request import Request
from domain.access.transitions.break_glass import awaits_review


def approvals_card(
    requests: Sequence[Request], more: int, now: datetime, paging: Paging = ONE_PAGE
) -> Content:
    """Draw a page of what waits, oldest first; ``more`` come after it."""
    status = say("On this page and after it") if paging.after else _status(len(requests) + more)
    body: list[CardElement] = [header(say("Approvals"), status, Tone.INFO)]
    if not requests:
        body.append(paragraph(run(say("No one is waiting for your decision."))))
        return card(body)
    for request in requests:
        body.extend(_drawn(request, now))
    body.extend(and_more(more))
    body.append(caption(say("A card for each follows. Decide there."), "Large"))
    return card(body, page_buttons(paging, verbs.APPROVALS_PAGE))


def _status(count: int) -> str:
    if not count:
        return say("Nothing is waiting for you")
    return say_count(
        "{count} request is waiting for you", "{count} requests are waiting for you", count
    )


def _drawn(request: Request, now: datetime) -> list[CardElement]:
    return [
        rich_text(_what(request)),
        *left_out_line(request),
        paragraph(run(_since(request, now), subtle=True, size="Small"), spacing="None"),
    ]


def _what(request: Request) -> Sentence:
    """Say what someone wants with the secrets, and for how long."""
    if request.extension:
        return _more(request, request.extension)
    who, secrets = person(request.requester), Named(all_secrets_of(request))
    if awaits_review(request):
        return sentence(
            "{who} started break-glass access to {secrets} without approval",
            who=who,
            secrets=secrets,
        )
    if request.starts_at:
        what, start = _wanted(request), utc(request.starts_at)
        return sentence("{what}, starting {start}", what=what, start=start)
    return _wanted(request)


def _wanted(request: Request) -> Sentence:
    who, secrets = person(request.requester), Named(all_secrets_of(request))
    window = duration(request.window)
    if may_be_shortened(request):
        window = say("at most {window}", window=window)
    if request.beneficiary is None:
        return sentence(
            "{who} wants {secrets} for {window}", who=who, secrets=secrets, window=window
        )
    return sentence(
        "{who} wants {secrets} for {reader}, for {window}",
        who=who,
        secrets=secrets,
        reader=person(request.beneficiary),
        window=window,
    )


def _more(request: Request, extension: Extension) -> Sentence:
    secrets, more = Named(all_secrets_of(request)), duration(extension.by)
    if request.beneficiary is None:
        who = person(request.requester)
        return sentence(
            "{who} wants {secrets} for {more} more", who=who, secrets=secrets, more=more
        )
    return sentence(  # either of the two may have asked
        "{reader} would get {secrets} for {more} more",
        reader=person(request.beneficiary),
        secrets=secrets,
        more=more,
    )


def _since(request: Request, now: datetime) -> str:
    """Say how long it has been waiting, and how long it still can."""
    if request.extension:
        return say("Waiting for {waited}", waited=age(now - request.extension.asked_at))
    waited = age(now - request.requested_at)
    if awaits_review(request):
        return say("Waiting for a review for {waited}", waited=waited)
    left = age(request.lapses_at - now)
    return say("Waiting for {waited}, expires in {left}", waited=waited, left=left)
