"""The sign-ins that are under way, in the table, so that any replica can finish them.

The table only has the hashes of what names a sign-in: its ID, its state and its browser's key.
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from domain.people import Actor
from services.access.sign_in.held_acts import HeldAct, read_act, write_act
from services.faults import Conflict
from services.storage import keys
from services.storage.table import Delete, Insert, Replace, Row, Table, Value

_PARTITION = "sign-ins"
_MOST_REMOVED = 50
_ID = re.compile(r"(\d{12})-[\w-]{20,100}", re.ASCII)
_STATE = re.compile(r"(\d{12}~[0-9a-f]{64})\.[\w-]{20,100}", re.ASCII)


@dataclass(frozen=True, slots=True)
class HeldSignIn:
    """One sign-in: who has to sign in, how, and what that confirms."""

    actor: Actor
    act: HeldAct
    contexts: tuple[str, ...]
    max_age: timedelta
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class StartedFlow:
    """What a browser has started: the protocol's memory, and the hashes of what it must show."""

    memory: Mapping[str, Any]
    state_hash: str
    browser_hash: str


@dataclass(frozen=True, slots=True)
class StoredSignIn:
    """A sign-in as read; ``flow`` is that of the browser that started it last, if any."""

    key: str
    held: HeldSignIn
    flow: StartedFlow | None
    is_used: bool
    etag: str

    def matches_state(self, state: str) -> bool:
        return self.flow is not None and compare_digest(self.flow.state_hash, hash_of(state))

    def matches_browser(self, browser: str) -> bool:
        return self.flow is not None and compare_digest(self.flow.browser_hash, hash_of(browser))


class SignInRows:
    """Stores sign-ins. They sort by the time at which they expire.

    Those that have been over for a while are removed whenever another one is added.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    async def add(self, held: HeldSignIn, token: str, now: datetime) -> str:
        """Store a sign-in; return its ID, which ``token`` makes unguessable."""
        sign_in_id = f"{int(held.expires_at.timestamp()):012d}-{token}"
        over = f"{int(now.timestamp()):012d}"
        rows = await self._table.range(_PARTITION, "", over, _MOST_REMOVED)
        added = Insert(_key(sign_in_id), _values(held, None, is_used=False))
        try:
            await self._table.transact(_PARTITION, [added, *(Delete(row.key) for row in rows)])
        except Conflict:
            await self._table.transact(_PARTITION, [added])  # someone else removed the old ones
        return sign_in_id

    async def find(self, sign_in_id: str) -> StoredSignIn | None:
        """Find a sign-in by its ID."""
        if not _ID.fullmatch(sign_in_id):
            return None
        return await self._read(_key(sign_in_id))

    async def find_by_state(self, state: str) -> StoredSignIn | None:
        """Find the sign-in that a state names; the caller checks that it is the last one's."""
        named = _STATE.fullmatch(state)
        return await self._read(named[1]) if named else None

    async def start(self, stored: StoredSignIn, flow: StartedFlow) -> None:
        """Store what a browser has started, in place of any other; raises Conflict."""
        await self._write(stored, _values(stored.held, flow, is_used=False))

    async def use_up(self, stored: StoredSignIn) -> None:
        """Use up a sign-in, and forget what the protocol needs; raises Conflict if it was used."""
        await self._write(stored, _values(stored.held, None, is_used=True))

    async def forget(self, object_id: str) -> None:
        """Remove the sign-ins of a person."""
        for row in await self._table.range(_PARTITION, "", "~"):
            if str(row.values.get("object_id", "")).lower() == object_id.lower():
                with suppress(Conflict):  # somebody else removed it
                    await self._table.transact(_PARTITION, [Delete(row.key)])

    async def _read(self, key: str) -> StoredSignIn | None:
        row = await self._table.get(_PARTITION, key)
        return _stored(row) if row else None

    async def _write(self, stored: StoredSignIn, values: dict[str, Value]) -> None:
        await self._table.transact(_PARTITION, [Replace(stored.key, values, stored.etag)])


def new_state(stored: StoredSignIn, token: str) -> str:
    """Return a state that names a sign-in, and that only its browser knows."""
    return f"{stored.key}.{token}"


def hash_of(text: str) -> str:
    # A cookie can have anything in it.
    return sha256(text.encode(errors="surrogatepass")).hexdigest()


def _key(sign_in_id: str) -> str:
    expires_at, _, _ = sign_in_id.partition("-")
    return f"{expires_at}~{hash_of(sign_in_id)}"


def _values(held: HeldSignIn, flow: StartedFlow | None, *, is_used: bool) -> dict[str, Value]:
    values: dict[str, Value] = {
        "tenant_id": held.actor.tenant_id,
        "object_id": held.actor.object_id,
        "name": held.actor.name,
        "act": write_act(held.act),
        "contexts": " ".join(held.contexts),
        "max_age_seconds": int(held.max_age.total_seconds()),
        "expires_at": keys.instant(held.expires_at),
        "used": is_used,
    }
    if flow:
        values["memory"] = json.dumps(dict(flow.memory))
        values["state_hash"] = flow.state_hash
        values["browser_hash"] = flow.browser_hash
    return values


def _stored(row: Row) -> StoredSignIn:
    values = row.values
    flow = None
    if "memory" in values:
        flow = StartedFlow(
            json.loads(str(values["memory"])),
            str(values["state_hash"]),
            str(values["browser_hash"]),
        )
    held = HeldSignIn(
        actor=Actor(str(values["tenant_id"]), str(values["object_id"]), str(values["name"])),
        act=read_act(str(values["act"])),
        contexts=tuple(str(values["contexts"]).split()),
        max_age=timedelta(seconds=int(str(values["max_age_seconds"]))),
        expires_at=datetime.fromisoformat(str(values["expires_at"])),
    )
    return StoredSignIn(row.key, held, flow, bool(values["used"]), row.etag)
