"""The result of verifying a workflow's evidence."""

from microsoft_teams.cards import CardElement

from cards.kit.elements import Content, caption, card, correlation, header, paragraph, run
from cards.kit.tone import Tone
from cards.languages.texts import say
from domain.audit.evidence import Verdict, fingerprint


def verdict_card(workflow_id: str, verdict: Verdict) -> Content:
    """Draw the result, with the fingerprint that the audit channel must also show."""
    tone = Tone.GOOD if verdict.is_unbroken else Tone.BAD
    said = say(verdict.sentence)
    body: list[CardElement] = [header(say("Evidence"), f"{said[0].upper()}{said[1:]}", tone)]
    if verdict.is_unbroken:
        body += [
            paragraph(run(fingerprint(verdict.hash), mono=True, bold=True), spacing="Medium"),
            caption(
                say(
                    "The last message about it in the audit channel must show the same "
                    "fingerprint: someone who can write to the table could rewrite the whole "
                    "chain, but not that message."
                )
            ),
        ]
    body.append(correlation(workflow_id))
    return card(body)
