"""How heads and events that an older Latchkey wrote are read as today's.

Events are never rewritten: each is part of a chain of hashes over its text as it was stored.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from domain.reasons import AS_WRITTEN
from domain.rotation.rotation import RotationEvent
from domain.rotation.schedule import ScheduleEvent
from domain.workflow import Event, Fact

Members = dict[str, Any]
"""A head as JSON."""

_SECRET_FIELDS = (
    "role",
    "scope",
    "vault_url",
    "exposes",
    "secret_scope",
    "rotate_after",
)

_TARGETS = 2
"""From which schema on a request has targets."""

_REASONS = 4
"""From which schema on refusals and failures are codes, and stored names are in snake_case."""

_INSISTENCE = 9
"""From which schema on a rotation names the problems that a person insisted on."""

_SIGN_INS = 9
"""From which schema on an approval has the sign-in that confirmed it."""

_NEWEST = {"rotation": _INSISTENCE, "access": _SIGN_INS}
"""From which schema on a head is read as it is, if that isn't ``_REASONS``."""

_SPELLED: Mapping[str, str] = {
    ScheduleEvent.NOT_WATCHED: "fault",
    RotationEvent.ASKED: "cause",
    RotationEvent.STARTED: "cause",
}
"""The facts that hold a name of ours, which older versions wrote with spaces."""


def one_spelling(name: str) -> str:
    """Return a name of ours in snake_case: older versions wrote some with spaces."""
    return name.replace(" ", "_")


def upgraded(kind: str, schema: int, text: str) -> str:
    """Return a head's JSON as the present schema has it."""
    if schema >= _NEWEST.get(kind, _REASONS):
        return text
    head = json.loads(text)
    match kind:
        case "access":
            head = _with_targets(head) if schema < _TARGETS else head
            head = _with_sources(_with_reasons(head)) if schema < _REASONS else head
            head = _with_sign_ins(head)
        case "rotation":
            head = _with_insistence(_with_codes(head) if schema < _REASONS else head)
        case "schedule":
            fault = one_spelling(head.get("look_fault") or "")
            head |= {
                "look_fault": fault or None,
                "look_cause": _as_written(head.get("look_cause")),
            }
    return json.dumps(head)


def upgraded_event(event: Event) -> Event:
    """Return an event with today's names."""
    kind = one_spelling(event.kind)
    facts: dict[str, Fact] = dict(event.facts)
    if "said" in facts:
        facts["source_id"] = facts.pop("said")
    spelled = _SPELLED.get(kind, "")
    if spelled in facts:
        facts[spelled] = one_spelling(str(facts[spelled]))
    return replace(event, kind=kind, facts=facts)


def _with_targets(head: Members) -> Members:
    """Add targets: schema 1 had one secret, split between the terms and the grant."""
    terms, grant = dict(head["terms"]), head.get("grant")
    target = {name: terms.pop(name) for name in _SECRET_FIELDS if name in terms}
    target |= {"secret": head["secret"], "vault": head["vault"]}
    if grant:
        # What exists in Azure is what must be revoked.
        target |= {name: grant["assignment"][name] for name in ("scope", "role")}
    return head | {"terms": terms, "targets": [target]}


def _with_reasons(head: Members) -> Members:
    """Keep the sentences of a request that older versions stored: they are shown as they are."""
    denial = head.get("denial")
    if denial and denial["approver"] is None:
        denial = denial | {"reason": "", "refusal": _as_written(denial["reason"])}
    return head | {"denial": denial, "failure": _as_written(head.get("failure"))}


def _as_written(sentence: str | None) -> Members | None:
    return {"code": AS_WRITTEN, "params": {"text": sentence}} if sentence else None


def _with_sources(head: Members) -> Members:
    """Name what asked for an extension: it was ``said`` before."""
    extension = dict(head.get("extension") or {})
    if "said" not in extension:
        return head
    return head | {"extension": extension | {"source_id": extension.pop("said")}}


def _with_sign_ins(head: Members) -> Members:
    """Add what confirmed a request and its approvals: its rule took none without what it asks."""
    rule = head["terms"].get("step_up") or {}
    if not rule.get("required"):
        return head
    if ("break_glass" if head.get("broke_glass") else "request") in rule["acts"]:
        head |= {"sign_in": _sign_in(head["requester"], head["requested_at"], rule)}
    if "approve" not in rule["acts"]:
        return head
    extension = head.get("extension")
    if extension:
        extension |= {"approvals": _signed_in(extension.get("approvals"), rule)}
    return head | {"approvals": _signed_in(head.get("approvals"), rule), "extension": extension}


def _signed_in(approvals: Sequence[Members] | None, rule: Members) -> list[Members]:
    return [
        one | {"sign_in": _sign_in(one["approver"], one["at"], rule)} for one in approvals or ()
    ]


def _sign_in(person: Members, at: str, rule: Members) -> Members:
    return {"person_id": person["object_id"], "at": at, "contexts": rule["contexts"]}


def _with_codes(head: Members) -> Members:
    trigger = head["trigger"] | {"cause": one_spelling(head["trigger"]["cause"])}
    captured = [one | {"shape": one_spelling(one["shape"])} for one in head.get("captured") or ()]
    effect = one_spelling(head.get("unknown_effect") or "")
    records = [one | {"note": _as_written(one.get("note"))} for one in head.get("records") or ()]
    return head | {
        "trigger": trigger,
        "captured": captured,
        "unknown_effect": effect,
        "records": records,
        "failure": _as_written(head.get("failure")),
        "last_failure": _as_written(head.get("last_failure")),
        "left": [_as_written(sentence) for sentence in head.get("left") or ()],
    }


def _with_insistence(head: Members) -> Members:
    """Name what a person insisted on: a retry waived every problem before, not only the known."""
    insisted = head.pop("is_insisted_on", False)
    stopped_at = [
        one["note"]
        for one in head.get("records") or ()
        if (one["step"], one["status"]) == (head.get("step"), "failed") and one.get("note")
    ]
    return head | {"insisted_on": stopped_at if insisted else []}
