"""What a change of the rules means, in words: who may now do what."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from cards.access.parts.conditions import describe_condition
from cards.kit import text
from cards.kit.times import duration
from cards.languages.texts import listed, say, say_as, say_count
from domain.access.rules.policy import ScopeKind
from domain.access.rules.step_up_rule import StepUpAct
from domain.phrases import mark
from domain.policies.differences import FOUR_EYES, OF_ROTATION, REQUESTABLE, ROTATED, Difference
from domain.policies.fields import Plain
from domain.policies.record import number_left_out

_Words = Callable[[Difference], str]

_LONGEST = 400


def sentences(those: Sequence[Difference]) -> list[str]:
    """Say each difference in one line, cleaned for display."""
    return [text.line(sentence(one), _LONGEST) for one in those]


def sentence(difference: Difference) -> str:
    """Say a difference in one line; a newer Latchkey may have recorded other fields."""
    says = WORDS.get(difference.field)
    return says(difference) if says else _unknown(difference)


def _who(now: str, changed: str, nobody: str) -> _Words:
    """Say which ``{people}`` can do something with the ``{secrets}``, and which ``{before}``."""

    def says(one: Difference) -> str:
        people, secrets = _names(one.after) or say(nobody), _secrets(one)
        if one.is_new:
            return say(now, people=people, secrets=secrets)
        before = _names(one.before) or say(nobody)
        return say(changed, people=people, secrets=secrets, before=before)

    return says


def _value(said: str, shown: Callable[[Plain], str]) -> _Words:
    """Say the new ``{value}`` for the ``{secrets}``, and the one before."""

    def says(one: Difference) -> str:
        now = say(said, secrets=_secrets(one), value=shown(one.after))
        return _with_the_former(one, now, shown)

    return says


def _unknown(one: Difference) -> str:
    now = say(
        "{secrets}: {field} {value}", secrets=_secrets(one), field=one.field, value=str(one.after)
    )
    return _with_the_former(one, now, str)


def _with_the_former(one: Difference, now: str, shown: Callable[[Plain], str]) -> str:
    if one.is_new:
        return now
    return say("{change} instead of {before}", change=now, before=shown(one.before))


def _vault(said: str) -> _Words:
    """Name the vaults; two of the same name by their resource IDs."""

    def says(one: Difference) -> str:
        names = [str(each).rpartition("/")[2] for each in (one.after, one.before)]
        shown = str if len(set(names)) == 1 else lambda each: str(each).rpartition("/")[2]
        return _value(said, shown)(one)

    return says


def _either(true: str, false: str) -> _Words:
    """Say one of two sentences about the secrets."""

    def says(one: Difference) -> str:
        return say(true if one.after else false, secrets=_secrets(one))

    return says


def _secrets(one: Difference) -> str:
    return _listed(one.secrets)


def _names(value: Plain) -> str:
    return _listed(value) if isinstance(value, tuple) else ""


def _listed(names: Sequence[str]) -> str:
    """List names, of which the last may say how many more there are."""
    *_, last = names or ("",)
    if more := number_left_out(last):
        return listed([*names[:-1], say_count("{count} more", "{count} more", more)])
    return listed(names)


def _long(value: Plain) -> str:
    return duration(timedelta(seconds=value)) if isinstance(value, int) else say("without end")


def _as_long(value: Plain) -> str:
    return _long(value) if isinstance(value, int) else say("as long as the one before")


def _after(value: Plain) -> str:
    return (
        say("after {duration}", duration=_long(value)) if isinstance(value, int) else say("never")
    )


def _guests(value: Plain) -> str:
    if value is None:
        return say("unless known as guests")
    return say("yes") if value else say("no")


def _scope(value: Plain) -> str:
    return say("the whole vault") if value == ScopeKind.VAULT else say("only the secret")


_ASKED = {"required": mark("required"), "optional": mark("optional")}
"""How a justification is recorded."""


def _justification(value: Plain) -> str:
    asked, *ticket = value if isinstance(value, tuple) else ("",)
    asked = say(_ASKED.get(asked, asked))
    if not ticket:
        return asked
    pattern, *hint = ticket
    if not any(hint):
        return say("{asked}, with a ticket that matches {pattern}", asked=asked, pattern=pattern)
    return say(
        "{asked}, with a ticket that matches {pattern} ({hint})",
        asked=asked,
        pattern=pattern,
        hint=hint[0],
    )


def _confirmed(value: Plain) -> str:
    """Say what is confirmed, with which contexts, and how old the sign-in may be."""
    if not isinstance(value, tuple) or len(value) < 2:
        return say("nothing")
    *what, age = value
    acts = listed([_act(one) for one in what if one in set(StepUpAct)])
    contexts = [one for one in what if one not in set(StepUpAct)]
    if not contexts:
        return say("{acts}, signed in within {age}", acts=acts, age=age)
    return say(
        "{acts} with the context {contexts}, signed in within {age}",
        acts=acts,
        contexts=listed(contexts),
        age=age,
    )


def _act(recorded: str) -> str:
    match StepUpAct(recorded):
        case StepUpAct.APPROVE:
            return say_as("act", "approve")
        case StepUpAct.REQUEST:
            return say_as("act", "request")
        case StepUpAct.BREAK_GLASS:
            return say_as("act", "break glass")


def _by_rule(value: Plain) -> str:
    """Say whose requests a rule approves, and its limits."""
    if not isinstance(value, tuple):
        return say("never")
    return _listed([describe_condition(one) for one in value])


def _or(otherwise: str) -> Callable[[Plain], str]:
    """Show a list or a value, or a marked text if there is none."""
    return lambda value: _given(value) or say(otherwise)


def _or_none(value: Plain) -> str:
    return _given(value) or say_as("setting", "none")


def _given(value: Plain) -> str:
    """Show a list or a value; empty if there is none."""
    return _names(value) if isinstance(value, tuple) else "" if value is None else str(value)


_OF_ACCESS: Mapping[str, _Words] = {
    REQUESTABLE: _either(
        mark("{secrets}: can be requested"), mark("{secrets}: can't be requested any more")
    ),
    "approvers": _who(
        mark("{people} can approve {secrets}"),
        mark("{people} can approve {secrets} (before: {before})"),
        mark("no one"),
    ),
    "min_approvals": _value(mark("{secrets}: approvals needed: {value}"), str),
    "requesters": _who(
        mark("{people} can request {secrets}"),
        mark("{people} can request {secrets} (before: {before})"),
        mark("everyone"),
    ),
    "longest": _value(mark("{secrets}: at most {value}"), _long),
    "shortest": _value(mark("{secrets}: at least {value}"), _long),
    "scope_kind": _value(mark("{secrets}: a grant opens {value}"), _scope),
    "role": _value(mark("{secrets}: role {value}"), str),
    "vault": _vault(mark("{secrets}: vault {value}")),
    "pending_for": _value(mark("{secrets}: requests wait for a decision for {value}"), _long),
    "remind_after": _value(mark("{secrets}: reminder to the approvers: {value}"), _after),
    "escalate_after": _value(mark("{secrets}: escalation: {value}"), _after),
    "escalation": _who(
        mark("{people} can approve {secrets} after escalation"),
        mark("{people} can approve {secrets} after escalation (before: {before})"),
        mark("no one"),
    ),
    "extend_freely": _either(
        mark("{secrets}: more time needs no approval"), mark("{secrets}: more time needs approval")
    ),
    "guests": _value(mark("{secrets}: guests can request it: {value}"), _guests),
    "justification": _value(mark("{secrets}: a justification is {value}"), _justification),
    "owners_approve": _either(
        mark("{secrets}: the owners in its tags can approve"),
        mark("{secrets}: the owners in its tags can't approve"),
    ),
    "on_behalf": _who(
        mark("{people} can request {secrets} for others"),
        mark("{people} can request {secrets} for others (before: {before})"),
        mark("no one"),
    ),
    "break_glass": _who(
        mark("{people} can use break-glass access to {secrets}"),
        mark("{people} can use break-glass access to {secrets} (before: {before})"),
        mark("no one"),
    ),
    "break_glass_longest": _value(mark("{secrets}: break-glass access for at most {value}"), _long),
    "requests_per_hour": _value(
        mark("{secrets}: requests per person and hour: {value}"), _or(mark("without limit"))
    ),
    "notify_members": _value(
        mark("{secrets}: members of groups who get a card each: {value}"), str
    ),
    "start_within": _value(mark("{secrets}: a start can be ahead by {value}"), _long),
    "auto_approve": _value(mark("{secrets}: approved by rule: {value}"), _by_rule),
    "step_up": _value(mark("{secrets}: confirmed with a fresh sign-in: {value}"), _confirmed),
    "allow_locked": _either(
        mark("{secrets}: access is granted even under a resource lock"),
        mark("{secrets}: no access under a resource lock"),
    ),
}

_OF_ROTATION: Mapping[str, _Words] = {
    "vault": _vault(mark("{secrets}: rotated in vault {value}")),
    "issuer": _value(mark("{secrets}: new values come from {value}"), str),
    "options": _value(mark("{secrets}: options of the issuer: {value}"), _or_none),
    "dependents": _value(mark("{secrets}: a rotation updates {value}"), _or(mark("nothing else"))),
    "part": _value(mark("{secrets}: a rotation replaces {value}"), _or(mark("all of it"))),
    "overlap": _value(mark("{secrets}: the old version stays valid for {value}"), _long),
    "max_age": _value(mark("{secrets}: a new version is valid for {value}"), _as_long),
    "schedule": _value(mark("{secrets}: schedule of rotations: {value}"), _or_none),
    "second_admin": _either(
        mark("{secrets}: a rotation needs a second admin"),
        mark("{secrets}: a rotation doesn't need a second admin"),
    ),
    "after_grant": _either(
        mark("{secrets}: rotated when access ends"), mark("{secrets}: not rotated when access ends")
    ),
    "wait_after_grant": _value(
        mark("{secrets}: the rotation waits {value} after the end of access"), _long
    ),
}

WORDS: Mapping[str, _Words] = {
    FOUR_EYES: _either(
        mark("Changes of the policy file that widen anything need an admin's acceptance"),
        mark("Changes of the policy file no longer need an admin's acceptance"),
    ),
    ROTATED: _either(mark("{secrets}: is rotated"), mark("{secrets}: isn't rotated any more")),
    **_OF_ACCESS,
    **{f"{OF_ROTATION}{field}": says for field, says in _OF_ROTATION.items()},
}
"""The words for each field that a change can be about."""
