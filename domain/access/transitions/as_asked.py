"""A request as it was made, before its approvers allowed less of it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import zip_longest

from domain.access.request import Request
from domain.access.target import Target
from domain.names import joined
from domain.workflow import Fact

_NOT_COUNTED = "?"


def scope_facts(targets: Iterable[Target]) -> dict[str, Fact]:
    """Return the facts of what is asked for: each scope, and how many secrets it exposes."""
    scopes = {target.scope: target for target in targets}
    return {
        "scope": joined(list(scopes)),
        "exposes": joined([_written(one.exposes) for one in scopes.values()]),
        "not_requestable": joined([_written(one.not_requestable) for one in scopes.values()]),
    }


def as_asked_for(request: Request, facts: Mapping[str, Fact]) -> Request:
    """Return a request as it was made; ``facts`` are those of its first event.

    What older versions left out of the facts is as it is now.
    """
    scopes = _scopes(facts)
    return replace(
        request,
        targets=tuple(_as_asked_for(target, scopes) for target in request.asked_for),
        left_out=(),
        window=_window(facts) or request.window,
        approvals=(),
        approvers_since=None,
    )


def _as_asked_for(target: Target, scopes: Mapping[str, tuple[int | None, int | None]]) -> Target:
    if target.scope in scopes or target.vault_id not in scopes:
        return target
    exposes, not_requestable = scopes[target.vault_id]
    return replace(target, scope=target.vault_id, exposes=exposes, not_requestable=not_requestable)


def _scopes(facts: Mapping[str, Fact]) -> dict[str, tuple[int | None, int | None]]:
    names, exposes, not_requestable = (
        str(facts.get(name) or "").split(", ") for name in ("scope", "exposes", "not_requestable")
    )
    return {
        name: (_read(one), _read(other))
        for name, one, other in zip_longest(names, exposes, not_requestable, fillvalue="")
    }


def _window(facts: Mapping[str, Fact]) -> timedelta | None:
    seconds = facts.get("window")
    return timedelta(seconds=seconds) if isinstance(seconds, int | float) else None


def _written(count: int | None) -> str:
    return _NOT_COUNTED if count is None else str(count)


def _read(count: str) -> int | None:
    return int(count) if count.isdecimal() else None
