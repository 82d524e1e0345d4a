"""The history of requests and rotations, newest first, one page at a time."""

from collections.abc import Sequence
from datetime import datetime

from microsoft_teams.cards import Action, CardElement, ExecuteAction

from cards.audit.event_lines import subject_of
from cards.kit import text, verbs
from cards.kit.elements import Content, caption, card, header, paragraph, run
from cards.kit.times import utc
from cards.kit.tone import Tone
from domain.access.request import Request
from domain.audit.history import Recorded, opening_of
from domain.durations import format_duration
from domain.reconciliation.orphan import Orphan

PAGE = 10


def history_card(heads: Sequence[Recorded], *, since: datetime | None, more: str | None) -> Content:
    """Draw a page of workflows opened ``since`` then; ``more`` is the cursor of the next page."""
    status = f"Since {utc(since)}, newest first" if since else "Newest first"
    body: list[CardElement] = [header("History", status, Tone.INFO)]
    if not heads:
        body.append(paragraph(run("There is nothing to show."), spacing="Medium"))
        return card(body)
    for head in heads:
        body.extend(_drawn(head))
    body.append(caption("Type: history ID", "Large"))
    actions: list[Action] = []
    if more:
        data = {verbs.CURSOR: more}
        actions.append(ExecuteAction(title="More", verb=verbs.HISTORY_MORE, data=data))
    return card(body, actions)


def _drawn(head: Recorded) -> list[CardElement]:
    state = str(head.state).replace("_", " ").replace("lapsed", "expired")
    opening = opening_of(head)
    at = utc(opening.at) if opening else ""
    return [
        paragraph(
            run(subject_of(head), bold=True),
            run(f" {_what(head)}"),
            run(f"  {state}", bold=True, size="Small"),
            spacing="Medium",
        ),
        paragraph(
            run(f"{at} · ", subtle=True, size="Small"),
            run(text.line(head.id), mono=True, subtle=True, size="Small"),
            spacing="None",
        ),
    ]


def _what(head: Recorded) -> str:
    if isinstance(head, Request):
        by_rule = ", approved by rule" if head.approved_by_rule else ""
        return f"for {text.name_of(head.requester)}, {format_duration(head.window)}{by_rule}"
    if isinstance(head, Orphan):
        return "orphaned access"
    asker = head.trigger.actor
    cause = str(head.trigger.cause).replace("_", " ")
    return f"rotation by {text.name_of(asker)}" if asker else f"rotation, {cause}"
