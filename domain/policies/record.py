"""Differences as they are recorded in an event: as JSON, and never long."""

import json
from collections.abc import Sequence

from domain.policies.differences import Difference
from domain.policies.fields import Plain

MOST_RECORDED = 12
_MOST_NAMES = 12
_LONGEST = 200


def recorded(those: Sequence[Difference]) -> str:
    """Write the first differences; what widens comes first."""
    return json.dumps(
        [
            {
                "secrets": _cut(one.secrets, ()),
                "field": one.field,
                "before": _short(one.before, one.after),
                "after": _short(one.after, one.before),
                "widens": one.widens,
                "is_new": one.is_new,
            }
            for one in those[:MOST_RECORDED]
        ]
    )


def read(text: str) -> tuple[Difference, ...]:
    """Read recorded differences."""
    return tuple(
        Difference(
            secrets=tuple(one["secrets"]),
            field=one["field"],
            before=_plain(one["before"]),
            after=_plain(one["after"]),
            widens=one["widens"],
            is_new=one["is_new"],
        )
        for one in json.loads(text or "[]")
    )


def _short(value: Plain, other: Plain) -> Plain:
    if isinstance(value, tuple):
        return _cut(value, other if isinstance(other, tuple) else ())
    return value[:_LONGEST] if isinstance(value, str) else value


def _cut(names: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    """Cut a long list; what isn't in the other list stays longest."""
    if len(names) > _MOST_NAMES:
        first = sorted(names, key=lambda one: one in others)[: _MOST_NAMES - 1]
        names = (*first, f"{len(names) - len(first)} more")
    return tuple(name[:_LONGEST] for name in names)


def _plain(value: Plain | list[str]) -> Plain:
    return tuple(value) if isinstance(value, list) else value
