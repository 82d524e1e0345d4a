"""The doctor's report: one line per check, and what to do about problems."""

from collections.abc import Sequence

from microsoft_teams.cards import CardElement, ExecuteAction

from cards.kit import text, verbs
from cards.kit.elements import Color, Content, caption, card, header, paragraph, run
from cards.kit.listing import ONE_PAGE, Paging, page_buttons
from cards.kit.tone import Tone
from cards.languages.texts import say, say_count
from domain.diagnosis import CheckStatus, Finding

_LONGEST_SEEN = 200
_LONGEST_SUBJECT = 100
_MARKS: dict[CheckStatus, tuple[str, Color]] = {
    CheckStatus.BROKEN: ("✗ ", "Attention"),
    CheckStatus.DOUBTFUL: ("! ", "Warning"),
    CheckStatus.GOOD: ("✓ ", "Good"),
}
_WORST_FIRST = (CheckStatus.BROKEN, CheckStatus.DOUBTFUL, CheckStatus.GOOD)


def doctor_card(
    shown: Sequence[Finding], findings: Sequence[Finding], paging: Paging = ONE_PAGE
) -> Content:
    """Draw a page of the findings; the header is about all of them."""
    body: list[CardElement] = [_header(findings)]
    for finding in shown:
        body.extend(_drawn(finding))
    if paging.following:
        all_of_them = say("{count} checks in all, the worst first.", count=len(findings))
        body.append(caption(all_of_them, "Medium"))
    again = ExecuteAction(title=say("Check again"), verb=verbs.DOCTOR_PAGE, data={})
    return card(body, [again, *page_buttons(paging, verbs.DOCTOR_PAGE)])


def worst_first(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings, failed ones first, otherwise in their order."""
    return sorted(findings, key=lambda one: _WORST_FIRST.index(one.health))


def _header(findings: Sequence[Finding]) -> CardElement:
    broken = sum(one.health is CheckStatus.BROKEN for one in findings)
    doubtful = sum(one.health is CheckStatus.DOUBTFUL for one in findings)
    if broken:
        status = say_count("{count} check failed", "{count} checks failed", broken)
        return header(say("Doctor"), status, Tone.BAD)
    if doubtful:
        status = say_count("{count} check uncertain", "{count} checks uncertain", doubtful)
        return header(say("Doctor"), status, Tone.WARNING)
    return header(say("Doctor"), say("Everything is configured and permitted"), Tone.GOOD)


def _drawn(finding: Finding) -> list[CardElement]:
    mark, color = _MARKS[finding.health]
    lines: list[CardElement] = [
        paragraph(
            run(mark, color=color, bold=True),
            run(text.line(say(finding.subject), _LONGEST_SUBJECT), bold=True),
            run(f"  {text.line(say(finding.seen), _LONGEST_SEEN)}"),
            spacing="Small",
        )
    ]
    if finding.remedy:
        lines.append(
            paragraph(
                run(text.line(say(finding.remedy), _LONGEST_SEEN), subtle=True, size="Small"),
                spacing="None",
            )
        )
    return lines
