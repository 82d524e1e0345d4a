"""All events of one workflow, in order."""

from collections.abc import Sequence

from microsoft_teams.cards import Action, CardElement, ExecuteAction

from cards.access.messages.step_up_messages import confirmation
from cards.access.parts.reads_section import FEW_READS, MOST_READS, reads_section
from cards.audit.event_lines import event_line, kind_of, subject_of
from cards.kit import text, verbs
from cards.kit.azure_answers import answer_in, describe_answer
from cards.kit.elements import Content, caption, card, correlation, header, paragraph, run
from cards.kit.times import second_of, utc
from cards.kit.tone import Tone
from cards.languages.texts import say, say_count
from domain.access.reads import ReadsSeen, ReadsUnknown
from domain.audit.history import Recorded
from domain.workflow import Event

_MOST = 25
_FEW = 12
_LONGEST = 160
_LONGEST_OF_FEW = 240


def timeline_card(
    head: Recorded,
    events: Sequence[Event],
    reads: ReadsSeen | ReadsUnknown | None = None,
    *,
    back: str = "",
) -> Content:
    """Draw the events of a workflow, oldest first, and which reads there were under a grant.

    ``back`` is the cursor of their list.
    """
    body: list[CardElement] = [
        header(
            say("History · {kind}", kind=kind_of(head)),
            say_count("{count} event", "{count} events", len(events)),
            Tone.INFO,
        ),
        paragraph(run(subject_of(head), bold=True), spacing="Medium"),
    ]
    is_short = len(events) <= _FEW
    longest = _LONGEST_OF_FEW if is_short else _LONGEST
    for event in events[:_MOST]:
        body.extend(_drawn(head, event, events[0], longest))
    if (more := len(events) - _MOST) > 0:
        said = say_count(
            "… and {count} more. An export has them all.",
            "… and {count} more. An export has them all.",
            more,
        )
        body.append(caption(said))
    if reads:
        body.extend(reads_section(reads, head.id, MOST_READS if is_short else FEW_READS))
    body.append(correlation(head.id))
    return card(body, _way_back(back))


def _way_back(cursor: str) -> list[Action]:
    if not cursor:
        return []
    data = {verbs.CURSOR: cursor}
    return [ExecuteAction(title=say("Back to the list"), verb=verbs.HISTORY_MORE, data=data)]


def _drawn(head: Recorded, event: Event, first: Event, longest: int) -> list[CardElement]:
    at = utc(event.at) if event is first else second_of(event.at, first.at)
    by = text.name_of(event.actor) if event.actor else "Latchkey"
    parts = [at, by]
    if answered := describe_answer(answer_in(event)):
        parts.append(say("Azure answered {answer}", answer=answered))
    if signed_in := confirmation(event):
        parts.append(say("confirmed by sign-in: {sign_in}", sign_in=signed_in))
    return [
        paragraph(run(" · ".join(parts), subtle=True, size="Small"), spacing="Medium"),
        paragraph(run(text.line(event_line(head, event), longest)), spacing="None"),
    ]
