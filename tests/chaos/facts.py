"""What is so in Azure and in the table, whatever anyone says."""

import re
from collections.abc import Callable
from datetime import datetime

from sandbox.seed import LITERAL_SETTING, SLOT
from services.clock import Clock
from tests.outside.rotation_scenarios import settings, versions
from tests.support.deployment import DANA, MORGAN
from tests.support.memory_table import MemoryTable
from tests.support.people import Seen
from tests.support.sandbox import Sandbox
from tests.support.teams import Person, Posted


def has_access(person: Person, sandbox: Sandbox) -> bool:
    """Tell whether a person has an assignment in Azure."""
    live = sandbox.state.assignments.live.values()
    return any(each.principal_id == person.object_id for each in live)


def gone_at(person: Person, sandbox: Sandbox) -> datetime | None:
    """Return when a person's last assignment was deleted; None if they have or had none."""
    deleted = sandbox.state.assignments.deleted
    at = [when for each, when in deleted if each.principal_id == person.object_id]
    return None if not at or has_access(person, sandbox) else max(at)


def ends_at(person: Person, table: MemoryTable) -> datetime:
    """Return when a person's access ends, as stored."""
    stored = [str(row.values.get("head")) for row in table.rows()]
    about = f'"object_id":"{person.object_id}"'
    heads = [each for each in stored if '"requester":' in each]
    own = [each for each in heads if about in each.partition('"targets"')[0]]
    [found] = [at for each in own for at in re.findall(r'"expires_at":"([^"]+)"', each)]
    return datetime.fromisoformat(found)


def truth_about_access(
    sandbox: Sandbox, clock: Clock, wrong: list[str]
) -> Callable[[Posted], None]:
    """Return what compares each message with Azure, as Teams takes it, and notes what isn't so."""

    def check(posted: Posted) -> None:
        seen = Seen.of(posted)
        for person in (DANA, MORGAN):
            if not (person.name in seen.words or seen.place.id.endswith(person.object_id)):
                continue
            status = seen.words.partition("\n")[2].partition("\n")[0]
            has = has_access(person, sandbox)
            if status == "Access granted" and not (has or gone_at(person, sandbox)):
                note(f"{person.name} was told of access that never was")
            if status in ("Access ended", "Access revoked") and has:
                note(f"{status!r}, and {person.name} has access")

    def note(what: str) -> None:
        wrong.append(f"{clock():%H:%M:%S} {what}")

    return check


def truth_about_rotation(
    sandbox: Sandbox, clock: Clock, wrong: list[str]
) -> Callable[[Posted], None]:
    """Return what compares each message with the rotated secret and with the apps that use it."""
    before = versions(sandbox)[-1].value

    def check(posted: Posted) -> None:
        status = Seen.of(posted).words.partition("\n")[2].partition("\n")[0]
        current = versions(sandbox)[-1]
        held = {settings(sandbox, slot)[LITERAL_SETTING] for slot in ("", SLOT)}
        if status.startswith("Rotated") and (held != {current.value} or current.value == before):
            wrong.append(f"{clock():%H:%M:%S} {status!r}, and the apps hold something else")
        if status.endswith("rolled back") and held != {before}:
            wrong.append(f"{clock():%H:%M:%S} {status!r}, and the apps don't hold the old value")

    return check
