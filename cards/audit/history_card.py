"""The history of requests and rotations, newest first, one page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from microsoft_teams.cards import Action, CardElement, ExecuteAction

from cards.audit.event_lines import subject_of
from cards.audit.states import state_word
from cards.kit import text, verbs
from cards.kit.elements import Content, card, header, paragraph, run
from cards.kit.listing import list_button, row_with_button
from cards.kit.times import duration, utc
from cards.kit.tone import Tone
from cards.languages.texts import say
from domain.access.request import Request
from domain.audit.history import Recorded, opening_of
from domain.drill.drill import Drill
from domain.phrases import mark
from domain.reconciliation.orphan import Orphan
from domain.rotation.rotation import Cause

PAGE = 10

_CAUSES = {
    Cause.ASKED: mark("rotation, asked"),
    Cause.SCHEDULE: mark("rotation, schedule"),
    Cause.EXPIRY: mark("rotation, expiry"),
    Cause.GRANT_ENDED: mark("rotation, grant ended"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPages:
    """The cursors of this page, of the first one unless it is this one, and of the next one."""

    this: str
    first: str | None = None
    following: str | None = None


def history_card(
    heads: Sequence[Recorded], pages: HistoryPages, *, since: datetime | None
) -> Content:
    """Draw a page of workflows opened ``since`` then, newest first."""
    status = say("Newest first")
    if since:
        status = say("Since {moment}, newest first", moment=utc(since))
    body: list[CardElement] = [header(say("History"), status, Tone.INFO)]
    if not heads:
        body.append(paragraph(run(say("There is nothing to show.")), spacing="Medium"))
    body.extend(_drawn(head, pages) for head in heads)
    return card(body, _page_buttons(pages))


def _page_buttons(pages: HistoryPages) -> list[Action]:
    named = ((say("First page"), pages.first), (say("Next page"), pages.following))
    return [
        ExecuteAction(title=title, verb=verbs.HISTORY_MORE, data={verbs.CURSOR: cursor})
        for title, cursor in named
        if cursor
    ]


def _drawn(head: Recorded, pages: HistoryPages) -> CardElement:
    opening = opening_of(head)
    at = utc(opening.at) if opening else ""
    lines: list[CardElement] = [
        paragraph(
            run(subject_of(head), bold=True),
            run(f" {_what(head)}"),
            run(f"  {state_word(head.state)}", bold=True, size="Small"),
        ),
        paragraph(
            run(f"{at} · ", subtle=True, size="Small"),
            run(text.line(head.id), mono=True, subtle=True, size="Small"),
            spacing="None",
        ),
    ]
    data = {verbs.WORKFLOW: head.id, verbs.CURSOR: pages.this}
    return row_with_button(lines, list_button(say("Details"), verbs.HISTORY_DETAILS, data, head.id))


def _what(head: Recorded) -> str:
    match head:
        case Request():
            who, length = _for_whom(head), duration(head.window)
            if not head.window:  # refused before anybody knew for how long
                return say("for {who}", who=who)
            if head.approved_by_rule:
                return say("for {who}, {duration}, approved by rule", who=who, duration=length)
            return say("for {who}, {duration}", who=who, duration=length)
        case Orphan():
            return say("orphaned access")
        case Drill():
            asked_by = head.asked_by
            return say("drill by {who}", who=text.name_of(asked_by)) if asked_by else say("drill")
        case _ if asker := head.trigger.actor:
            return say("rotation by {who}", who=text.name_of(asker))
        case _:
            return say(_CAUSES[head.trigger.cause])


def _for_whom(request: Request) -> str:
    requester = text.name_of(request.requester)
    if request.colleague is None:
        return requester
    return say("{reader} (asked by {who})", reader=text.name_of(request.colleague), who=requester)
