"""How heads that an older Latchkey wrote are made into what this one reads."""

import json
from typing import Any

from domain.reasons import AS_WRITTEN

Members = dict[str, Any]
"""A head as JSON."""

_OF_ITS_SECRET = (
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
"""From which schema on refusals and failures are codes, and what is stored has one spelling."""


def upgraded(kind: str, schema: int, text: str) -> str:
    """Return a head's JSON as the present schema has it."""
    if schema >= _REASONS:
        return text
    head = json.loads(text)
    if kind == "access":
        head = _with_targets(head) if schema < _TARGETS else head
        head = _with_reasons(head)
    return json.dumps(head)


def _with_targets(head: Members) -> Members:
    """Give it targets: schema 1 knew one secret, part of it in the terms and part in the grant."""
    terms, grant = dict(head["terms"]), head.get("grant")
    target = {name: terms.pop(name) for name in _OF_ITS_SECRET if name in terms}
    target |= {"secret": head["secret"], "vault": head["vault"]}
    if grant:
        # What exists in Azure is what has to be taken away.
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
