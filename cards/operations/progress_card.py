"""How far a command is that takes a while.

Nothing updates the card of a process that was killed. So it doesn't claim more than it can: it
says when it was last updated, and how to tell from that whether anything still runs.
"""

from dataclasses import dataclass
from datetime import datetime

from microsoft_teams.cards import CardElement

from cards.kit import text
from cards.kit.elements import Content, Field, caption, card, fields, header, paragraph, run
from cards.kit.notice import notice
from cards.kit.times import second_of
from cards.kit.tone import Tone
from cards.languages.texts import listed, say, say_count
from domain.progress import Progress

_MOST_RUNNING = 4
_LONGEST_NAME = 60
_LONGEST_COMMAND = 200


@dataclass(frozen=True, slots=True)
class Task:
    """What runs, in marked texts, and how it was asked for."""

    title: str
    doing: str
    command: str
    """What was typed."""


def progress_card(task: Task, progress: Progress, since: datetime, now: datetime) -> Content:
    """Draw how far a task is."""
    body: list[CardElement] = [
        header(say(task.title), _state(task, progress), Tone.INFO),
        *_running(progress),
        *fields(
            [
                Field(say("Running since"), second_of(since, since)),
                Field(say("Last updated"), second_of(now, since)),
            ]
        ),
        caption(
            say(
                "If the last update was more than a minute ago, this was interrupted. "
                "Then type again:"
            ),
            "Medium",
        ),
        paragraph(run(text.line(task.command, _LONGEST_COMMAND), mono=True), spacing="Small"),
    ]
    return card(body)


def stopped_card(task: Task) -> Content:
    """Draw that a task ended with an error that isn't the reader's."""
    said = say("{task} stopped with an error and wasn't finished.", task=say(task.title))
    return notice(said, Tone.BAD)


def _state(task: Task, progress: Progress) -> str:
    doing, done, total = say(task.doing), progress.done, progress.total
    if total is not None:
        return say("{doing}: {done} of {total} done", doing=doing, done=done, total=total)
    if done:
        return say("{doing}: {done} done", doing=doing, done=done)
    return say("{doing}: starting", doing=doing)


def _running(progress: Progress) -> list[CardElement]:
    if not progress.running:
        return []
    names = [text.line(say(name), _LONGEST_NAME) for name in progress.running[:_MOST_RUNNING]]
    more = len(progress.running) - _MOST_RUNNING
    if more > 0:
        names.append(say_count("{count} more", "{count} more", more))
    return [caption(say("Now running"), "Medium"), paragraph(run(listed(names)), spacing="None")]
