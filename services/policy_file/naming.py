"""Names for the people and groups that a policy file names by their object IDs."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from domain.policies.differences import Difference
from domain.policies.fields import Plain
from domain.policies.record import MOST_RECORDED
from services.people.directory import BRIEFLY
from services.people.principals import NamedPrincipals
from services.values import group_in, is_guid


async def with_names(
    changed: Sequence[Difference], principals: NamedPrincipals
) -> tuple[Difference, ...]:
    """Add the names of people and groups to their object IDs, if the directory says them soon.

    An ID stays, since a name is no proof of who it is. Emails are left alone: they say it already.
    """
    shown, others = changed[:MOST_RECORDED], changed[MOST_RECORDED:]
    ids = {one for each in shown for one in (*_ids(each.before), *_ids(each.after))}
    names = dict(
        zip(ids, await asyncio.gather(*(_name(one, principals) for one in ids)), strict=True)
    )

    def named(value: Plain) -> Plain:
        if not isinstance(value, tuple):
            return value
        return tuple(names.get(one, one) for one in value)

    said = [replace(one, before=named(one.before), after=named(one.after)) for one in shown]
    return (*said, *others)


def _ids(value: Plain) -> list[str]:
    entries = value if isinstance(value, tuple) else ()
    return [one for one in entries if is_guid(group_in(one) or one)]


async def _name(entry: str, principals: NamedPrincipals) -> str:
    try:
        async with asyncio.timeout(BRIEFLY.total_seconds()):
            found = await principals.show([entry])
    except TimeoutError:
        return entry
    names = [*(one.name for one in found.people), *(one.name for one in found.groups)]
    if not names or names[0].lower() in entry.lower():
        return entry
    return f"{names[0]} ({entry})"
