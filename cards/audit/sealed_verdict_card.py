"""The result of verifying a workflow that was archived."""

from microsoft_teams.cards import CardElement

from cards.kit import text
from cards.kit.elements import (
    Content,
    Field,
    caption,
    card,
    correlation,
    fields,
    header,
    paragraph,
    run,
)
from cards.kit.tone import Tone
from cards.languages.texts import number, say
from domain.audit.evidence import fingerprint
from domain.retention.sealed import SealedVerdict


def sealed_verdict_card(verdict: SealedVerdict) -> Content:
    """Draw the result, with the fingerprint that the audit channel must also show."""
    record, day = verdict.record, verdict.record.archived_on.isoformat()
    tone = Tone.GOOD if verdict.is_genuine else Tone.BAD
    title = (
        say("Archived on {day}", day=day)
        if verdict.is_genuine
        else say("Its sealed record was changed or added")
    )
    body: list[CardElement] = [header(say("Evidence"), title, tone)]
    if verdict.is_genuine:
        body += [
            paragraph(run(fingerprint(record.hash), mono=True, bold=True), spacing="Medium"),
            caption(
                say(
                    "Its events are in the archive, and no longer in the table. The last message "
                    "about it in the audit channel must show the same fingerprint."
                )
            ),
            *fields(
                [
                    Field(say("Events"), number(record.events)),
                    Field(say("File in the archive"), text.line(verdict.name)),
                ]
            ),
        ]
    body.append(correlation(record.workflow))
    return card(body)
