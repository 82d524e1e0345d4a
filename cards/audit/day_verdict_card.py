"""The result of verifying a day."""

from collections.abc import Sequence
from datetime import date

from microsoft_teams.cards import CardElement

from cards.kit import text
from cards.kit.elements import Content, caption, card, header, paragraph, run
from cards.kit.tone import Tone
from cards.languages.texts import listed, say, say_count
from domain.audit.checkpoint import DayFlaw, DayVerdict
from domain.audit.evidence import fingerprint

_MOST_NAMED = 10


def day_verdict_card(verdict: DayVerdict) -> Content:
    """Draw the result, with the fingerprint that the audit channel must also show."""
    checkpoint = verdict.checkpoint
    day = checkpoint.day.isoformat()
    if verdict.is_intact:
        title = say_count(
            "{day} is as it was: {count} workflow",
            "{day} is as it was: {count} workflows",
            checkpoint.workflows,
            day=day,
        )
    else:
        title = say("{day} isn't as it was", day=day)
    tone = Tone.GOOD if verdict.is_intact else Tone.BAD
    body: list[CardElement] = [header(say("Evidence"), title, tone)]
    body += [paragraph(run(one)) for one in _flaws(verdict)]
    if verdict.archived:
        body.append(paragraph(run(_archived(verdict.archived))))
    if verdict.is_chained:
        body += [
            paragraph(run(fingerprint(checkpoint.hash), mono=True, bold=True), spacing="Medium"),
            caption(
                say(
                    "The message about this day in the audit channel must show the same "
                    "fingerprint: someone who can write to the table could make another "
                    "checkpoint, but couldn't change that message."
                )
            ),
        ]
    return card(body)


def _flaws(verdict: DayVerdict) -> list[str]:
    sentences: list[str] = []
    if not verdict.is_chained:
        sentences.append(say("This checkpoint, or one before it, was changed or removed."))
    if not verdict.is_listed:
        sentences.append(
            say(
                "The list of that day's workflows was changed, so I may not be able to name what "
                "else was."
            )
        )
    for flaw, said in (
        (DayFlaw.REMOVED, say("Removed: {workflows}.", workflows=_named(verdict, DayFlaw.REMOVED))),
        (DayFlaw.CHANGED, say("Changed: {workflows}.", workflows=_named(verdict, DayFlaw.CHANGED))),
        (DayFlaw.ADDED, say("Added: {workflows}.", workflows=_named(verdict, DayFlaw.ADDED))),
    ):
        if any(one.flaw is flaw for one in verdict.flawed):
            sentences.append(said)
    return sentences


def _archived(days: Sequence[date]) -> str:
    return say_count(
        "{count} of them was archived, last on {day}, and is no longer in the table. Its sealed "
        "record shows that it was as at the end of this day.",
        "{count} of them were archived, last on {day}, and are no longer in the table. Their "
        "sealed records show that they were as at the end of this day.",
        len(days),
        day=days[-1].isoformat(),
    )


def _named(verdict: DayVerdict, flaw: DayFlaw) -> str:
    names: Sequence[str] = [text.line(one.workflow) for one in verdict.flawed if one.flaw is flaw]
    more = len(names) - _MOST_NAMED
    if more <= 0:
        return listed(names)
    return listed([*names[:_MOST_NAMED], say("{count} more", count=more)])
