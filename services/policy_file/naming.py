"""Names for the people whom a policy file names by their object IDs."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from domain.policies.differences import Difference
from domain.policies.fields import Plain
from domain.policies.record import MOST_RECORDED
from services.faults import Unavailable
from services.people.directory import BRIEFLY, Directory
from services.values import is_guid


async def with_names(changed: Sequence[Difference], directory: Directory) -> tuple[Difference, ...]:
    """Add each person's name to their object ID, as far as the directory says it soon.

    An ID stays, since a name is no proof of who it is. Emails are left alone: they say it already.
    """
    shown, others = changed[:MOST_RECORDED], changed[MOST_RECORDED:]
    ids = {one for each in shown for one in (*_ids(each.before), *_ids(each.after))}
    names = dict(
        zip(ids, await asyncio.gather(*(_name(one, directory) for one in ids)), strict=True)
    )

    def named(value: Plain) -> Plain:
        if not isinstance(value, tuple):
            return value
        return tuple(names.get(one, one) for one in value)

    said = [replace(one, before=named(one.before), after=named(one.after)) for one in shown]
    return (*said, *others)


def _ids(value: Plain) -> list[str]:
    return [one for one in value if is_guid(one)] if isinstance(value, tuple) else []


async def _name(object_id: str, directory: Directory) -> str:
    try:
        async with asyncio.timeout(BRIEFLY.total_seconds()):
            person = await directory.find(object_id)
    except (Unavailable, TimeoutError):
        return object_id
    if person is None or person.name.lower() == object_id.lower():
        return object_id
    return f"{person.name} ({object_id})"
