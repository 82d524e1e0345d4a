"""How heads that an older Latchkey wrote are made into what this one reads."""

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
    """Return a head's JSON as the present schema has it."""
    if kind == "access" and schema < 2:
        return json.dumps(_with_targets(json.loads(text)))
    return text


def _with_targets(head: Members) -> Members:
    """Give it targets: schema 1 knew one secret, part of it in the terms and part in the grant."""
    terms, grant = dict(head["terms"]), head.get("grant")
    target = {name: terms.pop(name) for name in _OF_ITS_SECRET if name in terms}
    target |= {"secret": head["secret"], "vault": head["vault"]}
    if grant:
        # What exists in Azure is what has to be taken away.
        target |= {name: grant["assignment"][name] for name in ("scope", "role")}
    return head | {"terms": terms, "targets": [target]}
