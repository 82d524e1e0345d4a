"""What a change of the rules means, in words: who may now do what."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from cards.kit import text
from domain.access.policy import ScopeKind
from domain.access.step_up_rule import StepUpAct
from domain.durations import format_duration
from domain.names import listed
from domain.policies.differences import FOUR_EYES, OF_ROTATION, REQUESTABLE, ROTATED, Difference
from domain.policies.fields import Plain

_Words = Callable[[Difference], str]

_LONGEST = 400


def sentences(those: Sequence[Difference]) -> list[str]:
    """Say each difference in one line, cleaned for display."""
    return [text.line(sentence(one), _LONGEST) for one in those]


def sentence(difference: Difference) -> str:
    """Say a difference in one line; a newer Latchkey may have recorded other fields."""
    says = WORDS.get(difference.field) or _labelled(difference.field, str)
    return says(difference)


def _who(can: str, nobody: str) -> _Words:
    """Say who can do something with the secrets, which ``can`` names as ``{}``."""

    def says(one: Difference) -> str:
        people, before = _names(one.after) or nobody, _names(one.before) or nobody
        now = f"{people} can {can.format(_secrets(one))}"
        return now if one.is_new else f"{now} (before: {before})"

    return says


def _labelled(label: str, shown: Callable[[Plain], str]) -> _Words:
    """Say the new value under a label, and the one before."""

    def says(one: Difference) -> str:
        now = f"{_secrets(one)}: {label} {shown(one.after)}"
        return now if one.is_new else f"{now} instead of {shown(one.before)}"

    return says


def _vault(label: str) -> _Words:
    """Name the vaults; two of the same name by their resource IDs."""

    def says(one: Difference) -> str:
        names = [str(each).rpartition("/")[2] for each in (one.after, one.before)]
        shown = str if len(set(names)) == 1 else lambda each: str(each).rpartition("/")[2]
        return _labelled(label, shown)(one)

    return says


def _either(true: str, false: str) -> _Words:
    """Say one of two sentences about the secrets."""

    def says(one: Difference) -> str:
        return f"{_secrets(one)}: {true if one.after else false}"

    return says


def _secrets(one: Difference) -> str:
    return listed(one.secrets)


def _names(value: Plain) -> str:
    return listed(value) if isinstance(value, tuple) else ""


def _long(value: Plain) -> str:
    return format_duration(timedelta(seconds=value)) if isinstance(value, int) else "without end"


def _as_long(value: Plain) -> str:
    return _long(value) if isinstance(value, int) else "as long as the one before"


def _after(value: Plain) -> str:
    return f"after {_long(value)}" if isinstance(value, int) else "never"


def _guests(value: Plain) -> str:
    if value is None:
        return "unless known as guests"
    return "yes" if value else "no"


def _scope(value: Plain) -> str:
    return "the whole vault" if value == ScopeKind.VAULT else "only the secret"


def _justification(value: Plain) -> str:
    asked, *ticket = value if isinstance(value, tuple) else ("",)
    if not ticket:
        return asked
    pattern, *hint = ticket
    return f"{asked}, with a ticket that matches {pattern}{f' ({hint[0]})' if any(hint) else ''}"


def _confirmed(value: Plain) -> str:
    """Say what is confirmed, with which contexts, and how old the sign-in may be."""
    if not isinstance(value, tuple) or len(value) < 2:
        return "nothing"
    *what, age = value
    acts = [one.replace("_", " ") for one in what if one in set(StepUpAct)]
    contexts = [one for one in what if one not in set(StepUpAct)]
    context = f" with the context {listed(contexts)}" if contexts else ""
    return f"{listed(acts)}{context}, signed in within {age}"


def _or(otherwise: str) -> Callable[[Plain], str]:
    """Show a list or a value, or other words if there is none."""

    def shown(value: Plain) -> str:
        said = _names(value) if isinstance(value, tuple) else "" if value is None else str(value)
        return said or otherwise

    return shown


def _four_eyes(one: Difference) -> str:
    return (
        "Changes of the policy file that widen anything need an admin's acceptance"
        if one.after
        else "Changes of the policy file no longer need an admin's acceptance"
    )


_OF_ACCESS: Mapping[str, _Words] = {
    REQUESTABLE: _either("can be requested", "can't be requested any more"),
    "approvers": _who("approve {}", "no one"),
    "min_approvals": _labelled("approvals needed:", str),
    "requesters": _who("request {}", "everyone"),
    "longest": _labelled("at most", _long),
    "shortest": _labelled("at least", _long),
    "scope_kind": _labelled("a grant opens", _scope),
    "role": _labelled("role", str),
    "vault": _vault("vault"),
    "pending_for": _labelled("requests wait for a decision for", _long),
    "remind_after": _labelled("reminder to the approvers:", _after),
    "escalate_after": _labelled("escalation:", _after),
    "escalation": _who("approve {} after escalation", "no one"),
    "extend_freely": _either("more time needs no approval", "more time needs approval"),
    "guests": _labelled("guests can request it:", _guests),
    "justification": _labelled("a justification is", _justification),
    "owners_approve": _either(
        "the owners in its tags can approve", "the owners in its tags can't approve"
    ),
    "on_behalf": _who("request {} for others", "no one"),
    "break_glass": _who("use break-glass access to {}", "no one"),
    "break_glass_longest": _labelled("break-glass access for at most", _long),
    "requests_per_hour": _labelled("requests per person and hour:", _or("without limit")),
    "notify_members": _labelled("members of groups who get a card each:", str),
    "start_within": _labelled("a start can be ahead by", _long),
    "auto_approve": _labelled("approved by rule:", _or("never")),
    "step_up": _labelled("confirmed with a fresh sign-in:", _confirmed),
    "allow_locked": _either(
        "access is granted even under a resource lock", "no access under a resource lock"
    ),
}

_OF_ROTATION: Mapping[str, _Words] = {
    "vault": _vault("rotated in vault"),
    "issuer": _labelled("new values come from", str),
    "options": _labelled("options of the issuer:", _or("none")),
    "dependents": _labelled("a rotation updates", _or("nothing else")),
    "part": _labelled("a rotation replaces", _or("all of it")),
    "overlap": _labelled("the old version stays valid for", _long),
    "max_age": _labelled("a new version is valid for", _as_long),
    "schedule": _labelled("schedule of rotations:", _or("none")),
    "second_admin": _either(
        "a rotation needs a second admin", "a rotation doesn't need a second admin"
    ),
    "after_grant": _either("rotated when access ends", "not rotated when access ends"),
}

WORDS: Mapping[str, _Words] = {
    FOUR_EYES: _four_eyes,
    ROTATED: _either("is rotated", "isn't rotated any more"),
    **_OF_ACCESS,
    **{f"{OF_ROTATION}{field}": says for field, says in _OF_ROTATION.items()},
}
"""The words for each field that a change can be about."""
