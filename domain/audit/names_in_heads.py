"""Where heads carry people's names and emails: in each person, wherever they are."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from domain.audit.names_in_events import NAME_PARAMS
from domain.people import Actor, Person
from domain.reasons import Param, Reason

HeadT = TypeVar("HeadT")


def people_in(head: object) -> Iterator[Person | Actor]:
    """Return every person in a head, as often as they are there."""
    if isinstance(head, Person | Actor):
        yield head
    else:
        for part in _parts(head):
            yield from people_in(part)


def ids_of(name: str, *heads: object) -> tuple[str, ...]:
    """Return the object IDs of the people who have this name in some heads."""
    people = (one for head in heads for one in people_in(head))
    return tuple(dict.fromkeys(one.object_id for one in people if one.name == name))


def without_names(head: HeadT, is_meant: Callable[[str], bool]) -> HeadT:
    """Return a head with object IDs in place of the names and emails of people.

    ``is_meant`` says whose, by object ID. A reason doesn't say whom it names: there, it is everyone
    who has the name of one of them in this head.
    """
    ids: dict[str, str] = {}
    for one in people_in(head):
        if is_meant(one.object_id) and one.name != one.object_id:
            ids[one.name] = one.object_id
    after: HeadT = _without(head, is_meant, ids)
    return after


def _without(part: Any, is_meant: Callable[[str], bool], ids: Mapping[str, str]) -> Any:
    match part:
        case Person() if is_meant(part.object_id):
            return dataclasses.replace(part, name=part.object_id, email="")
        case Actor() if is_meant(part.object_id):
            return dataclasses.replace(part, name=part.object_id)
        case Reason():
            return _of_reason(part, ids)
        case tuple():
            return tuple(_without(one, is_meant, ids) for one in part)
        case _ if _is_value(part):
            after = {
                field.name: _without(getattr(part, field.name), is_meant, ids)
                for field in dataclasses.fields(part)
            }
            return dataclasses.replace(part, **after)
        case _:
            return part


def _of_reason(reason: Reason, ids: Mapping[str, str]) -> Reason:
    parts = tuple(_of_reason(one, ids) for one in reason.parts)
    return Reason(reason.code, _params(reason, ids), parts)


def _params(reason: Reason, ids: Mapping[str, str]) -> Mapping[str, Param]:
    found = dict(reason.params)
    for name in NAME_PARAMS.get(reason.code, ()):
        match found.get(name):
            case str(value):
                found[name] = ids.get(value, value)
            case tuple(values):
                found[name] = tuple(ids.get(one, one) for one in values)
    return found


def _parts(part: Any) -> Iterator[object]:
    match part:
        case tuple():
            yield from part
        case _ if _is_value(part):
            for field in dataclasses.fields(part):
                yield getattr(part, field.name)


def _is_value(part: object) -> bool:
    return dataclasses.is_dataclass(part) and not isinstance(part, type)
