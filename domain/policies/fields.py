"""What each field of a policy allows, and so what counts as more than before.

A field has a function that returns the narrower of an old and a new value: what applies while the
new value waits for an admin. A new value widens if the narrower one is another. Where two values
can't be compared, the old one counts as narrower: it was in force.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from domain.access.rules.auto_approval import AutoApproval
from domain.access.rules.policy import JustificationRule, ScopeKind
from domain.access.rules.step_up_rule import StepUpRule, strictest_step_up
from domain.durations import write_duration
from domain.rotation.policy import Schedule
from domain.rotation.rotation import Dependent
from domain.rotation.secret_parts import Part
from domain.secrets import Vault

People = tuple[str, ...]
"""As configured: emails, Entra object IDs, groups."""

Plain = bool | int | str | tuple[str, ...] | None
"""A value as it is recorded; durations in seconds."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the values of a field are compared, and recorded."""

    narrower: Callable[[Any, Any], Any]
    plain: Callable[[Any], Plain]
    introduces: bool = False
    """Whether a new rule is always described with this field, even if the value is usual."""


def old(before: object, after: object) -> object:  # noqa: ARG001 - a way to compare
    """Keep the old value: the two can't be compared."""
    return before


def new(before: object, after: object) -> object:  # noqa: ARG001 - a way to compare
    """Let the new value apply at once: it gives nobody more."""
    return after


def both(before: bool, after: bool) -> bool:
    """Return whether both allow it."""
    return before and after


def either(before: bool, after: bool) -> bool:
    """Return whether either asks for it."""
    return before or after


def in_both(before: People, after: People) -> People:
    """Return who is in both lists."""
    known = {_spelled(one) for one in before}
    return tuple(one for one in after if _spelled(one) in known)


def in_both_or_everyone(before: People, after: People) -> People:
    """Return who is in both lists, where an empty one means everyone.

    An empty result of two lists with people means nobody: see `domain.policies.narrower`.
    """
    if not before or not after:
        return before or after
    return in_both(before, after)


def confirmed_in_both(before: StepUpRule, after: StepUpRule) -> StepUpRule:
    """Have confirmed what either rule has confirmed, as strictly as both ask for."""
    if not before.required and not after.required:
        return after
    return strictest_step_up([before, after])


def sooner(before: timedelta | None, after: timedelta | None) -> timedelta | None:
    """Return the shorter of two times, where None is without end."""
    given = [one for one in (before, after) if one is not None]
    return min(given, default=None)


def later(before: timedelta | None, after: timedelta | None) -> timedelta | None:
    """Return the later of two times, where None is never."""
    return None if before is None or after is None else max(before, after)


def fewer(before: int | None, after: int | None) -> int | None:
    """Return the lower of two limits, where None is no limit."""
    given = [one for one in (before, after) if one is not None]
    return min(given, default=None)


def smaller(before: ScopeKind, after: ScopeKind) -> ScopeKind:
    return ScopeKind.SECRET if ScopeKind.SECRET in (before, after) else ScopeKind.VAULT


def stricter_about_guests(before: bool | None, after: bool | None) -> bool | None:
    """Return the stricter one: without a value, only known guests are refused."""
    return min(before, after, key=(False, None, True).index)


def justified(before: JustificationRule, after: JustificationRule) -> JustificationRule:
    """Ask for what either asks for; of two different tickets, for the old one."""
    stays = not before.ticket or before.ticket == after.ticket
    asks = after if stays else before
    return JustificationRule(before.required or after.required, asks.ticket, asks.hint)


def approved_by_both(
    before: AutoApproval | None, after: AutoApproval | None
) -> AutoApproval | None:
    """Return a rule that approves what both approve; of different hours, the old ones."""
    if before is None or after is None:
        return None
    requesters = in_both(before.requesters, after.requesters)
    if not requesters:
        return None
    return replace(
        after,
        requesters=requesters,
        longest=min(before.longest, after.longest),
        hours=before.hours or after.hours,
        ticket=before.ticket or after.ticket,
    )


def without_additions(
    before: tuple[Dependent, ...], after: tuple[Dependent, ...]
) -> tuple[Dependent, ...]:
    """Return the new dependents if none of them gets the value that didn't before."""
    return after if set(after) <= set(before) else before


def first_schedule(before: Schedule | None, after: Schedule | None) -> Schedule | None:
    """Let a first schedule apply at once; any other change could mean fewer rotations."""
    return after if before is None else before


def _spelled(person: str) -> str:
    return person if person.startswith("group:") else person.lower()


def _same(value: Plain) -> Plain:
    return value


def _seconds(value: timedelta | None) -> Plain:
    return None if value is None else round(value.total_seconds())


def _people(people: People) -> Plain:
    return people


def _vault(vault: Vault) -> Plain:
    return vault.resource_id


def _justification(rule: JustificationRule) -> Plain:
    asked = "required" if rule.required else "optional"
    return (asked, rule.ticket, rule.hint) if rule.ticket else (asked,)


def _auto_approval(rule: AutoApproval | None) -> Plain:
    return (*rule.requesters, *rule.limits) if rule else None


def _step_up(rule: StepUpRule) -> Plain:
    if not rule.required:
        return None
    acts = tuple(act.value for act in rule.acts)
    return (*acts, *rule.contexts, write_duration(rule.max_age))


def _options(options: tuple[tuple[str, str], ...]) -> Plain:
    return tuple(f"{name} = {value}" for name, value in options)


def _dependents(dependents: tuple[Dependent, ...]) -> Plain:
    return tuple(str(one) for one in dependents)


def _schedule(schedule: Schedule | None) -> Plain:
    return f"{schedule.cron} {schedule.timezone}" if schedule else None


def _part(part: Part | None) -> Plain:
    return str(part) if part else None


NAMES = frozenset({"secret"})
"""The fields that say which secret a policy is about."""

ACCESS: Mapping[str, Comparison] = {
    "approvers": Comparison(in_both, _people, introduces=True),
    "min_approvals": Comparison(max, _same),
    "requesters": Comparison(in_both_or_everyone, _people),
    "longest": Comparison(min, _seconds, introduces=True),
    "scope_kind": Comparison(smaller, _same, introduces=True),
    "role": Comparison(old, _same),
    "vault": Comparison(old, _vault),
    "shortest": Comparison(new, _seconds),
    "pending_for": Comparison(min, _seconds),
    "remind_after": Comparison(new, _seconds),
    "escalate_after": Comparison(later, _seconds),
    "escalation": Comparison(in_both, _people),
    "extend_freely": Comparison(both, _same),
    "guests": Comparison(stricter_about_guests, _same),
    "justification": Comparison(justified, _justification),
    "owners_approve": Comparison(both, _same),
    "on_behalf": Comparison(in_both, _people),
    "break_glass": Comparison(in_both, _people),
    "break_glass_longest": Comparison(min, _seconds),
    "requests_per_hour": Comparison(fewer, _same),
    "notify_members": Comparison(new, _same),
    "start_within": Comparison(min, _seconds),
    "allow_locked": Comparison(both, _same),
    "auto_approve": Comparison(approved_by_both, _auto_approval),
    "step_up": Comparison(confirmed_in_both, _step_up),
}
"""Every field of `Policy` except its name."""

ROTATION: Mapping[str, Comparison] = {
    "vault": Comparison(old, _vault),
    "issuer": Comparison(old, _same, introduces=True),
    "options": Comparison(old, _options),
    "dependents": Comparison(without_additions, _dependents, introduces=True),
    "part": Comparison(old, _part),
    "overlap": Comparison(min, _seconds),
    "max_age": Comparison(sooner, _seconds),
    "schedule": Comparison(first_schedule, _schedule),
    "second_admin": Comparison(either, _same),
    "after_grant": Comparison(either, _same),
    "wait_after_grant": Comparison(old, _seconds),
}
"""Every field of `RotationPolicy` except its name.

Whoever has read a value can use it until the next rotation, so rotating less widens. Whatever gets
the value widens too.
"""
