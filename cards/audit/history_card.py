"""The history of requests and rotations, newest first, one page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from microsoft_teams.cards import Action, CardElement, ExecuteAction

from cards.audit.event_lines import subject_of
from cards.kit import text, verbs
from cards.kit.elements import Content, card, header, paragraph, run
from cards.kit.listing import list_button, row_with_button
from cards.kit.times import utc
from cards.kit.tone import Tone
from domain.access.request import Request
from domain.audit.history import Recorded, opening_of
from domain.durations import format_duration
from domain.reconciliation.orphan import Orphan

PAGE = 10


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
    status = f"Since {utc(since)}, newest first" if since else "Newest first"
    body: list[CardElement] = [header("History", status, Tone.INFO)]
    if not heads:
        body.append(paragraph(run("There is nothing to show."), spacing="Medium"))
    body.extend(_drawn(head, pages) for head in heads)
    return card(body, _page_buttons(pages))


def _page_buttons(pages: HistoryPages) -> list[Action]:
    named = (("First page", pages.first), ("Next page", pages.following))
    return [
        ExecuteAction(title=title, verb=verbs.HISTORY_MORE, data={verbs.CURSOR: cursor})
        for title, cursor in named
        if cursor
    ]


def _drawn(head: Recorded, pages: HistoryPages) -> CardElement:
    state = str(head.state).replace("_", " ").replace("lapsed", "expired")
    opening = opening_of(head)
    at = utc(opening.at) if opening else ""
    lines: list[CardElement] = [
        paragraph(
            run(subject_of(head), bold=True),
            run(f" {_what(head)}"),
            run(f"  {state}", bold=True, size="Small"),
        ),
        paragraph(
            run(f"{at} · ", subtle=True, size="Small"),
            run(text.line(head.id), mono=True, subtle=True, size="Small"),
            spacing="None",
        ),
    ]
    data = {verbs.WORKFLOW: head.id, verbs.CURSOR: pages.this}
    return row_with_button(lines, list_button("Details", verbs.HISTORY_DETAILS, data, head.id))


def _what(head: Recorded) -> str:
    if isinstance(head, Request):
        by_rule = ", approved by rule" if head.approved_by_rule else ""
        return f"for {text.name_of(head.requester)}, {format_duration(head.window)}{by_rule}"
    if isinstance(head, Orphan):
        return "orphaned access"
    asker = head.trigger.actor
    cause = str(head.trigger.cause).replace("_", " ")
    return f"rotation by {text.name_of(asker)}" if asker else f"rotation, {cause}"
