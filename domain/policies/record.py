"""Differences as they are recorded in an event: as JSON, and never long."""

import json
from collections.abc import Sequence

from domain.policies.differences import Difference
from domain.policies.fields import Plain

MOST_RECORDED = 12
_MOST_NAMES = 12
_LONGEST = 200
_LEFT_OUT = "+"


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


def number_left_out(name: str) -> int:
    """Return how many names the last one of a cut list stands for; 0 if it is a name.

    Older versions recorded English words, which stay as they are.
    """
    count = name.removeprefix(_LEFT_OUT)
    return int(count) if count != name and count.isdecimal() else 0


def _short(value: Plain, other: Plain) -> Plain:
    if isinstance(value, tuple):
        return _cut(value, other if isinstance(other, tuple) else ())
    return value[:_LONGEST] if isinstance(value, str) else value


def _cut(names: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    """Cut a long list to ``a``, ``b``, ``+20``; what isn't in the other list stays longest."""
    if len(names) > _MOST_NAMES:
        first = sorted(names, key=lambda one: one in others)[: _MOST_NAMES - 1]
        names = (*first, f"{_LEFT_OUT}{len(names) - len(first)}")
    return tuple(name[:_LONGEST] for name in names)


def _plain(value: Plain | list[str]) -> Plain:
    return tuple(value) if isinstance(value, list) else value
