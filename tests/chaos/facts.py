"""What is so in Azure and in the table, whatever anyone says."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sandbox.seed import (
    APP_API_KEY,
    LITERAL_SETTING,
    PARTNER_APPLICATION,
    SLOT,
    STORAGE_ACCOUNT,
)
from sandbox.stored.storage import StoredStorageAccount
from services.clock import Clock
from tests.outside.rotation_scenarios import settings, versions
from tests.support.deployment import DANA, MORGAN
from tests.support.people import Seen
from tests.support.sandbox import Sandbox
from tests.support.tables.memory_table import MemoryTable
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


@dataclass(frozen=True)
class Rotatable:
    """A secret that is rotated, and the setting in which apps hold its value."""

    secret: str = APP_API_KEY
    setting: str = LITERAL_SETTING
    slots: tuple[str, ...] = ("", SLOT)
    is_accepted: Callable[[Sandbox, str], bool] = lambda *_: True
    """Tells whether whatever issued a value accepts it."""

    def held(self, sandbox: Sandbox) -> set[str]:
        """Return the values that the apps hold."""
        return {settings(sandbox, slot)[self.setting] for slot in self.slots}


def is_a_key(sandbox: Sandbox, value: str) -> bool:
    """Tell whether a value is a key of the storage account."""
    return value in [key.value for key in _account(sandbox).keys.values()]


def is_a_client_secret(sandbox: Sandbox, value: str) -> bool:
    """Tell whether a value is a client secret of the app registration."""
    passwords = sandbox.state.applications[PARTNER_APPLICATION.id].passwords
    return value in [one.value for one in passwords]


def _account(sandbox: Sandbox) -> StoredStorageAccount:
    return sandbox.state.storage_accounts[STORAGE_ACCOUNT]


def truth_about_rotation(
    sandbox: Sandbox, clock: Clock, wrong: list[str], what: Rotatable
) -> Callable[[Posted], None]:
    """Return what compares each message with the rotated secret and with the apps that use it."""
    before = versions(sandbox, what.secret)[-1].value

    def check(posted: Posted) -> None:
        status = Seen.of(posted).words.partition("\n")[2].partition("\n")[0]
        current, held = versions(sandbox, what.secret)[-1], what.held(sandbox)
        if status.startswith("Rotated") and (held != {current.value} or current.value == before):
            note(f"{status!r}, and the apps hold something else")
        if status.endswith("rolled back") and held != {before}:
            note(f"{status!r}, and the apps don't hold the old value")
        if status.startswith("Rotated") and not what.is_accepted(sandbox, current.value):
            note(f"{status!r}, and nothing accepts the value")

    def note(text: str) -> None:
        wrong.append(f"{clock():%H:%M:%S} {text}")

    return check
