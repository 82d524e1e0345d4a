"""What the policy would decide about a request, and by which rule."""

from collections.abc import Mapping

from microsoft_teams.cards import CardElement

from cards.access.parts.scope import describe_roles, describe_scope
from cards.access.parts.standing import can_read
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
from cards.kit.sentences import sentence
from cards.kit.times import duration
from cards.kit.tone import Tone
from cards.languages.texts import listed, say, say_as, say_count
from cards.reasons.sentences import sentence_of
from domain.access.explanation import Explanation, Offered
from domain.access.rules.auto_approval import AutoApproval
from domain.access.rules.auto_decision import Checked, Condition
from domain.access.rules.policy import JustificationRule
from domain.access.rules.step_up_rule import StepUpAct, StepUpRule
from domain.phrases import mark

_MARKS: Mapping[bool | None, tuple[str, Color]] = {
    True: ("✓ ", "Good"),
    False: ("✗ ", "Attention"),
    None: ("○ ", "Default"),
}
_CONFIRMED: Mapping[StepUpAct, str] = {
    StepUpAct.APPROVE: mark("to approve"),
    StepUpAct.REQUEST: mark("to request"),
    StepUpAct.BREAK_GLASS: mark("for break-glass access"),
}
_SENTENCES: Mapping[Condition, str] = {
    Condition.ONE_APPROVAL: mark("The secret doesn't need several approvals"),
    Condition.NO_STEP_UP: mark("No fresh sign-in is asked for"),
    Condition.FOR_ONESELF: mark("They ask for themselves"),
    Condition.AT_ONCE: mark("Access starts at once"),
    Condition.KNOWN: mark("The directory confirms their account now"),
    Condition.NO_GUEST: mark("They aren't a guest"),
    Condition.REQUESTER: mark("The rule names them"),
    Condition.TICKET: mark("The justification names a ticket"),
}


def why_card(found: Explanation) -> Content:
    """Draw what a request by this person would be answered now."""
    who, secret = person(found.person), text.id_of(found.secret)
    status, tone = _status(found)
    body: list[CardElement] = [
        header(say_as("title", "Why"), status, tone),
        rich_text(sentence("If {who} asks for {secret} now:", who=who, secret=secret)),
        *_refusal(found),
        *(_offered(found.offered) if found.offered else []),
        *fields(_rest(found)),
        *(_auto(found.offered) if found.offered else []),
        *_standing(found),
        caption(say("Nothing was requested, and nothing was recorded."), "Large"),
    ]
    return card(body)


def _status(found: Explanation) -> tuple[str, Tone]:
    if found.offered is None:
        return say("It would be refused"), Tone.WARNING
    if found.offered.auto.could_approve:
        return say("A rule can approve it"), Tone.GOOD
    needed = found.offered.rules.min_approvals
    if needed == 1:
        return say("It needs approval"), Tone.INFO
    return say("It needs {count} approvals", count=needed), Tone.INFO


def _refusal(found: Explanation) -> list[CardElement]:
    return [quote(say("The answer"), sentence_of(found.refusal))] if found.refusal else []


def _offered(offered: Offered) -> list[CardElement]:
    rules, targets = offered.rules, (offered.target,)
    shortest, longest = duration(rules.shortest), duration(rules.longest)
    bounds = say("{shortest} to {longest}", shortest=shortest, longest=longest)
    count = say_count("{count} must approve", "{count} must approve", max(1, rules.min_approvals))
    return fields(
        [
            Field(say("Approvers"), text.approvers_of(offered.approvers), count),
            Field(say("For how long"), bounds),
            Field(say("Opens"), describe_scope(targets)),
            Field(say("Role"), describe_roles(targets)),
            Field(say("Justification"), _justification(rules.justification[0])),
            *_sign_in(rules.step_up),
        ]
    )


def _sign_in(rule: StepUpRule) -> list[Field]:
    """Draw what is confirmed with a fresh sign-in; empty if nothing is."""
    acts = [say(_CONFIRMED[act]) for act in StepUpAct if rule.covers(act)]
    return [Field(say("Fresh sign-in"), listed(acts))] if acts else []


def _justification(rule: JustificationRule) -> str:
    if not rule.ticket:
        return say("required") if rule.required else say("optional")
    hint = text.line(rule.hint)
    return say("with a ticket: {hint}", hint=hint) if hint else say("with a ticket")


def _rest(found: Explanation) -> list[Field]:
    """Draw what doesn't depend on whether a request would be refused."""
    longest = found.break_glass
    rows = [
        Field(say("For other people"), say("can ask") if found.for_others else say("can't ask")),
        Field(
            say("Break glass"),
            say("up to {longest}", longest=duration(longest)) if longest else say("not allowed"),
        ),
    ]
    if found.table is None:
        return rows if found.offered else []
    table = text.id_of(found.table)
    rule = (
        say("{table} in the policy file", table=table)
        if table
        else say("the variables, or the file's defaults")
    )
    return [Field(say("Rule"), rule), *rows]


def _auto(offered: Offered) -> list[CardElement]:
    """Draw each condition of the rule for approval, and whether it holds."""
    rule = offered.auto.rule
    if rule is None:
        return [caption(say("No rule approves requests for it: approvers decide."), "Medium")]
    title = say("A rule approves it without a click if all of this holds")
    return [
        caption(title, "Medium"),
        *(_condition(rule, checked, offered) for checked in offered.auto.checked),
    ]


def _condition(rule: AutoApproval, checked: Checked, offered: Offered) -> CardElement:
    sign, color = _MARKS[checked.holds]
    said = _sentence(rule, checked.condition)
    if checked.condition is Condition.TICKET and offered.rules.justification[0].hint:
        hint = text.line(offered.rules.justification[0].hint)
        said = say("{title}: {said}", title=said, said=hint)
    return paragraph(run(sign, color=color, bold=True), run(said), spacing="Small")


def _sentence(rule: AutoApproval, condition: Condition) -> str:
    match condition:
        case Condition.WINDOW:
            return say("It lasts at most {longest}", longest=duration(rule.longest))
        case Condition.HOURS:
            if rule.hours is None:
                return say("It is asked within its hours")
            return say("It is asked within {hours}", hours=rule.hours.text)
        case _:
            return say(_SENTENCES[condition])


def _standing(found: Explanation) -> list[CardElement]:
    standing = found.offered.standing if found.offered else ()
    return [rich_text(can_read(found.person, one)) for one in dict.fromkeys(standing)]
