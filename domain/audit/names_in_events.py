"""Where events carry people's names: the one list of it, for hiding and for showing them.

What people wrote themselves, such as a justification, isn't on it, and neither are object IDs.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from domain.access.request import AccessEvent
from domain.audit.kept_names import KeptName, KeptNames, commitment, is_commitment, shown_ids
from domain.refusals.commands import PlanCancelled
from domain.refusals.decisions import (
    AlreadyDecided,
    NoLongerAllowed,
    NotAnApprover,
    RequesterGone,
    RequestNotConfirmed,
)
from domain.refusals.endings import AlreadyEnded, NotYoursToCancel, NotYoursToGiveBack
from domain.refusals.people import UnknownPerson
from domain.refusals.policy_files import PolicyFileDecided
from domain.refusals.requests import MayNotAskForOthers, MayNotBeAskedFor, NobodyCanApprove
from domain.refusals.rotations import MayNotAgree
from domain.workflow import Event, Fact


@dataclass(frozen=True, slots=True)
class NameFact:
    """A fact that is a name, or several that are joined; ``ids`` is the fact with their IDs."""

    fact: str
    ids: str


_APPROVERS = NameFact("approvers", "approvers_ids")

NAME_FACTS: Mapping[str, tuple[NameFact, ...]] = {
    AccessEvent.REQUESTED: (NameFact("for_name", "for"), _APPROVERS),
    AccessEvent.BLOCKED: (NameFact("for_name", "for"),),
    AccessEvent.UNREACHABLE: (NameFact("name", "approver"),),
    AccessEvent.ESCALATED: (NameFact("asked", "asked_ids"),),
    AccessEvent.APPROVERS_CHANGED: (
        NameFact("added", "added_ids"),
        NameFact("removed", "removed_ids"),
        NameFact("no_longer_counts", "no_longer_counts_ids"),
        _APPROVERS,
    ),
    AccessEvent.BROKE_GLASS: (_APPROVERS,),
    AccessEvent.REVIEW_ASKED: (_APPROVERS,),
}
"""The facts that are names, by kind of event; besides, there is the name of the actor."""

NAME_PARAMS: Mapping[str, tuple[str, ...]] = {
    "approvals_no_longer_count": ("approvers",),
    "not_allowed_today": ("name", "whom"),
    "not_confirmed_today": ("name",),
    "too_few_approvers_today": ("whom",),
    AlreadyDecided.code: ("who",),
    AlreadyEnded.code: ("who",),
    MayNotAgree.code: ("admins",),
    MayNotAskForOthers.code: ("name",),
    MayNotBeAskedFor.code: ("name",),
    NobodyCanApprove.code: ("whom",),
    NoLongerAllowed.code: ("name", "whom"),
    NotAnApprover.code: ("approvers",),
    NotYoursToCancel.code: ("requester",),
    NotYoursToGiveBack.code: ("holder",),
    PlanCancelled.code: ("who",),
    PolicyFileDecided.code: ("who",),
    RequestNotConfirmed.code: ("name",),
    RequesterGone.code: ("name",),
    UnknownPerson.code: ("who",),
}
"""The parameters of reasons that are names, by the reason's code."""

_PARAMS = "_params"
_PARTS = "_parts"

Ids = tuple[str, ...]
Rename = Callable[[str, Ids], str]
"""Returns what stands in place of a name; its person's IDs may not be known."""


def renamed(event: Event, rename: Rename) -> Event:
    """Return an event with something else in place of each name."""
    facts = dict(event.facts)
    for place in NAME_FACTS.get(event.kind, ()):
        if value := facts.get(place.fact):
            ids = tuple(str(facts.get(place.ids) or "").split())
            facts[place.fact] = _each(str(value), ids, rename)
    for fact, value in event.facts.items():
        if isinstance(value, str) and fact.endswith((_PARAMS, _PARTS)):
            facts[fact] = _of_reason(fact, value, event.facts, rename)
    actor = event.actor
    if actor:
        actor = replace(actor, name=rename(actor.name, (actor.object_id,)))
    return replace(event, actor=actor, facts=facts)


def hidden(
    event: Event, new_salt: Callable[[], bytes], ids_of: Callable[[str], Ids]
) -> tuple[Event, KeptNames]:
    """Return an event with commitments in place of names, and the names.

    ``ids_of`` finds the people of a name whose fact doesn't say who they are.
    """
    kept: dict[str, KeptName] = {}

    def hide(name: str, ids: Ids) -> str:
        if not name or name in ids:
            return name  # in place of one that was erased
        salt = new_salt()
        token = commitment(name, salt)
        kept[token] = KeptName(name, salt.hex(), ids or ids_of(name))
        return token

    return renamed(event, hide), kept


def shown(event: Event, names: KeptNames) -> Event:
    """Return an event with its names again, and with object IDs for those that were erased."""

    def show(token: str, ids: Ids) -> str:
        if not is_commitment(token):
            return token
        kept = names.get(token)
        if kept and not kept.is_erased:
            return kept.name
        return shown_ids(ids or (kept.ids if kept else ()))

    return renamed(event, show)


def names_in(event: Event) -> Iterator[tuple[str, Ids]]:
    """Return the names in an event, each with the IDs of its people, if they are known."""
    found: list[tuple[str, Ids]] = []

    def note(name: str, ids: Ids) -> str:
        found.append((name, ids))
        return name

    renamed(event, note)
    return iter(found)


def _each(value: str, ids: Ids, rename: Rename) -> str:
    """Rename each of several joined names; all together if they can't be told apart."""
    names = value.split(", ")
    if len(names) != len(ids):
        return rename(value, ids)  # a name can have a comma in it
    return ", ".join(rename(name, (one,)) for name, one in zip(names, ids, strict=True))


def _of_reason(fact: str, value: str, facts: Mapping[str, Fact], rename: Rename) -> Fact:
    """Rename in the parameters of a reason, which are JSON; others stay as they are."""
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return value
    if fact.endswith(_PARTS):
        after: Any = _of_parts(found, rename)
    else:
        after = _of_params(facts.get(fact.removesuffix(_PARAMS)), found, rename)
    return value if after == found else json.dumps(after)


def _of_parts(parts: Any, rename: Rename) -> Any:
    if not isinstance(parts, list):
        return parts
    return [
        part
        | {
            "params": _of_params(part.get("code"), part.get("params"), rename),
            "parts": _of_parts(part.get("parts"), rename),
        }
        if isinstance(part, dict)
        else part
        for part in parts
    ]


def _of_params(code: Any, params: Any, rename: Rename) -> Any:
    if not isinstance(params, dict):
        return params
    found = dict(params)
    for name in NAME_PARAMS.get(str(code), ()):
        match found.get(name):
            case str(value):
                found[name] = rename(value, ())
            case list(values):
                found[name] = [rename(str(one), ()) for one in values]
    return found
