"""What a check of a workflow's evidence found."""

from microsoft_teams.cards import CardElement

from cards.kit.elements import Content, caption, card, correlation, header, paragraph, run
from cards.kit.tone import Tone
from domain.audit.evidence import Verdict, fingerprint


def verdict_card(workflow_id: str, verdict: Verdict) -> Content:
    """Draw a verdict, with the fingerprint that the audit channel has to show too."""
    tone = Tone.GOOD if verdict.is_unbroken else Tone.BAD
    said = verdict.sentence
    body: list[CardElement] = [header("Evidence", f"{said[0].upper()}{said[1:]}", tone)]
    if verdict.is_unbroken:
        body += [
            paragraph(run(fingerprint(verdict.hash), mono=True, bold=True), spacing="Medium"),
            caption(
                "The last message about it in the audit channel has to show the same fingerprint: "
                "whoever can write the table could have rewritten the whole chain, but not that."
            ),
        ]
    body.append(correlation(workflow_id))
    return card(body)
