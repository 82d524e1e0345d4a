"""What the policy would decide about a request, and by which rule."""

from collections.abc import Mapping

from microsoft_teams.cards import CardElement

from cards.access.scope import describe_roles, describe_scope
from cards.access.standing import can_read
from cards.kit import text
from cards.kit.elements import (
    Color,
    Content,
    Field,
    caption,
    card,
    fields,
    header,
    paragraph,
    quote,
    rich_text,
    run,
)
from cards.kit.message import person
from cards.kit.tone import Tone
from cards.reasons.sentences import sentence_of
from domain.access.auto_approval import AutoApproval
from domain.access.auto_decision import Checked, Condition
from domain.access.explanation import Explanation, Offered
from domain.access.policy import JustificationRule
from domain.access.step_up_rule import StepUpAct, StepUpRule
from domain.durations import format_duration
from domain.names import listed

_MARKS: Mapping[bool | None, tuple[str, Color]] = {
    True: ("✓ ", "Good"),
    False: ("✗ ", "Attention"),
    None: ("○ ", "Default"),
}
_CONFIRMED: Mapping[StepUpAct, str] = {
    StepUpAct.APPROVE: "to approve",
    StepUpAct.REQUEST: "to request",
    StepUpAct.BREAK_GLASS: "for break-glass access",
}
_SENTENCES: Mapping[Condition, str] = {
    Condition.ONE_APPROVAL: "The secret doesn't need several approvals",
    Condition.NO_STEP_UP: "No fresh sign-in is asked for",
    Condition.FOR_ONESELF: "They ask for themselves",
    Condition.AT_ONCE: "Access starts at once",
    Condition.KNOWN: "The directory confirms their account now",
    Condition.NO_GUEST: "They aren't a guest",
    Condition.REQUESTER: "The rule names them",
    Condition.TICKET: "The justification names a ticket",
}


def why_card(found: Explanation) -> Content:
    """Draw what a request by this person would be answered now."""
    secret = text.id_of(found.secret)
    status, tone = _status(found)
    body: list[CardElement] = [
        header("Why", status, tone),
        rich_text(("If ", person(found.person), f" asks for {secret} now:")),
        *_refusal(found),
        *(_offered(found.offered) if found.offered else []),
        *fields(_rest(found)),
        *(_auto(found.offered) if found.offered else []),
        *_standing(found),
        caption("Nothing was requested, and nothing was recorded.", "Large"),
    ]
    return card(body)


def _status(found: Explanation) -> tuple[str, Tone]:
    if found.offered is None:
        return "It would be refused", Tone.WARNING
    if found.offered.auto.could_approve:
        return "A rule can approve it", Tone.GOOD
    needed = found.offered.rules.min_approvals
    return f"It needs {'approval' if needed == 1 else f'{needed} approvals'}", Tone.INFO


def _refusal(found: Explanation) -> list[CardElement]:
    return [quote("The answer", sentence_of(found.refusal))] if found.refusal else []


def _offered(offered: Offered) -> list[CardElement]:
    rules, targets = offered.rules, (offered.target,)
    bounds = f"{format_duration(rules.shortest)} to {format_duration(rules.longest)}"
    count = f"{rules.min_approvals} must approve" if rules.min_approvals > 1 else "1 must approve"
    return fields(
        [
            Field("Approvers", text.approvers_of(offered.approvers), count),
            Field("For how long", bounds),
            Field("Opens", describe_scope(targets)),
            Field("Role", describe_roles(targets)),
            Field("Justification", _justification(rules.justification[0])),
            *_sign_in(rules.step_up),
        ]
    )


def _sign_in(rule: StepUpRule) -> list[Field]:
    """Draw what is confirmed with a fresh sign-in; empty if nothing is."""
    acts = [_CONFIRMED[act] for act in StepUpAct if rule.covers(act)]
    return [Field("Fresh sign-in", listed(acts))] if acts else []


def _justification(rule: JustificationRule) -> str:
    if not rule.ticket:
        return "required" if rule.required else "optional"
    hint = text.line(rule.hint)
    return f"with a ticket: {hint}" if hint else "with a ticket"


def _rest(found: Explanation) -> list[Field]:
    """Draw what doesn't depend on whether a request would be refused."""
    longest = found.break_glass
    rows = [
        Field("For other people", "can ask" if found.for_others else "can't ask"),
        Field("Break glass", f"up to {format_duration(longest)}" if longest else "not allowed"),
    ]
    if found.table is None:
        return rows if found.offered else []
    table = text.id_of(found.table)
    rule = f"{table} in the policy file" if table else "the variables, or the file's defaults"
    return [Field("Rule", rule), *rows]


def _auto(offered: Offered) -> list[CardElement]:
    """Draw each condition of the rule for approval, and whether it holds."""
    rule = offered.auto.rule
    if rule is None:
        return [caption("No rule approves requests for it: approvers decide.", "Medium")]
    title = "A rule approves it without a click if all of this holds"
    return [
        caption(title, "Medium"),
        *(_condition(rule, checked, offered) for checked in offered.auto.checked),
    ]


def _condition(rule: AutoApproval, checked: Checked, offered: Offered) -> CardElement:
    mark, color = _MARKS[checked.holds]
    said = _sentence(rule, checked.condition)
    if checked.condition is Condition.TICKET and offered.rules.justification[0].hint:
        said = f"{said}: {text.line(offered.rules.justification[0].hint)}"
    return paragraph(run(mark, color=color, bold=True), run(said), spacing="Small")


def _sentence(rule: AutoApproval, condition: Condition) -> str:
    match condition:
        case Condition.WINDOW:
            return f"It lasts at most {format_duration(rule.longest)}"
        case Condition.HOURS:
            return f"It is asked within {rule.hours.text if rule.hours else 'its hours'}"
        case _:
            return _SENTENCES[condition]


def _standing(found: Explanation) -> list[CardElement]:
    standing = found.offered.standing if found.offered else ()
    return [rich_text(can_read(found.person, one)) for one in dict.fromkeys(standing)]
