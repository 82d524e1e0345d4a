"""Upgrades heads that an older Latchkey wrote."""

import json
from typing import Any

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


def upgraded(kind: str, schema: int, text: str) -> str:
    """Return a head's JSON in the current schema."""
    if kind == "access" and schema < 2:
        return json.dumps(_with_targets(json.loads(text)))
    return text


def _with_targets(head: Members) -> Members:
    """Add targets: schema 1 had one secret, split between the terms and the grant."""
    terms, grant = dict(head["terms"]), head.get("grant")
    target = {name: terms.pop(name) for name in _OF_ITS_SECRET if name in terms}
    target |= {"secret": head["secret"], "vault": head["vault"]}
    if grant:
        # What exists in Azure is what must be revoked.
        target |= {name: grant["assignment"][name] for name in ("scope", "role")}
    return head | {"terms": terms, "targets": [target]}
