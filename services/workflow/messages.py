"""The messages posted for a workflow, so that they are updated instead of repeated.

A message is claimed before it is posted. After a crash in between, the claim expires and the
message is posted again: at least once, and twice only in that case.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.faults import Conflict
from services.storage import keys
from services.storage.table import Insert, Operation, Replace, Row, Table, Value, in_batches
from services.workflow.due.agenda import CLAIM
from services.workflow.late_updates import again


@dataclass(frozen=True, slots=True)
class MessageRef:
    """Where a posted message is, in the connector's terms."""

    service_url: str
    conversation_id: str
    activity_id: str


@dataclass(frozen=True, slots=True)
class Message:
    """A workflow's message: its location (None until posted) and the revision it shows."""

    key: str
    revision: int
    ref: MessageRef | None
    undeliverable: bool
    claimed_until: datetime | None
    etag: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What a message shows now, and where it is; to be recorded."""

    message: Message
    ref: MessageRef
    revision: int

    @property
    def is_new(self) -> bool:
        """Return whether the message was posted, rather than updated."""
        return self.message.ref != self.ref


class Messages:
    """The store of messages, in the partition of their workflow."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def claim(
        self,
        workflow_id: str,
        wanted: Mapping[str, Message | None],
        now: datetime,
        shown: Sequence[Shown] = (),
    ) -> tuple[Message, ...] | None:
        """Claim messages by key before posting them; None if another replica is posting one.

        ``wanted`` has each as it was found, if it was. Records what other messages show in the same
        transaction; None also if someone else changed one of those.
        """
        if not can_claim(wanted.values(), now):
            return None
        operations = [*claiming(workflow_id, wanted, now), *recording(workflow_id, shown)]
        try:
            etags = await self._transact(workflow_id, operations)
        except Conflict:
            return None
        return claimed(wanted, now, etags)

    async def release(self, workflow_id: str, messages: Sequence[Message]) -> None:
        """Release claims after a failure; does nothing if one expired."""
        for batch in in_batches(messages):
            with suppress(Conflict):
                await self._transact(workflow_id, releasing(workflow_id, batch))

    async def record(
        self, workflow_id: str, message: Message, ref: MessageRef, revision: int
    ) -> bool:
        """Record a message's location and revision; False if someone else wrote first."""
        try:
            await self._write(workflow_id, message.key, _values(revision, ref, None), message)
        except Conflict:
            return False
        return True

    async def record_all(self, workflow_id: str, shown: Sequence[Shown]) -> list[Shown]:
        """Record what messages show; return those that someone else changed meanwhile."""
        lost: list[Shown] = []
        for batch in in_batches(shown):
            try:
                await self._transact(workflow_id, recording(workflow_id, batch))
            except Conflict:
                lost += [
                    each
                    for each in batch
                    if not await self.record(workflow_id, each.message, each.ref, each.revision)
                ]
        return lost

    async def update_again(self, workflow_id: str, key: str, at: datetime) -> None:
        """Have a message updated once more at some time, regardless of what it shows by then."""
        with suppress(Conflict):  # it will be updated then anyway
            await self._transact(workflow_id, [again(workflow_id, {key: at})])

    async def forget(self, workflow_id: str, key: str) -> None:
        """Forget what a message shows, so that it is due; does nothing if it isn't posted."""
        shard, row_key = keys.shard_of(workflow_id), keys.message_key(workflow_id, key)
        while row := await self._table.get(shard, row_key):
            found = read_message(row)
            if found.ref is None or found.revision == 0:
                return
            with suppress(Conflict):
                forgotten = _values(0, found.ref, None)
                await self._table.transact(shard, [Replace(row_key, forgotten, row.etag)])
                return

    async def mark_stale(self, workflow_id: str, key: str, now: datetime) -> None:
        """Have a message updated once more, regardless of what it shows."""
        shard, row_key = keys.shard_of(workflow_id), keys.message_key(workflow_id, key)
        while row := await self._table.get(shard, row_key):
            found = read_message(row)
            if found.ref is None or found.revision == 0:
                return  # it will be posted or updated anyway
            due = keys.due_key(keys.OUTBOX, now, f"{workflow_id}~{key}")
            operations: list[Operation] = [
                Replace(row_key, _values(0, found.ref, None), row.etag),
                Insert(due, {"workflow": workflow_id}),
            ]
            with suppress(Conflict):
                await self._table.transact(shard, operations)
                return
            now += timedelta(microseconds=1)  # the conflict may be about this instant's key

    async def adopt(self, workflow_id: str, key: str, ref: MessageRef, revision: int) -> None:
        """Record a message sent as a direct reply; does nothing if it is known."""
        try:
            await self._write(workflow_id, key, _values(revision, ref, None), None)
        except Conflict:
            return

    async def owe(self, workflow_id: str, key: str, now: datetime) -> None:
        """Have a message posted that wasn't sent as a direct reply; does nothing if it is known."""
        due = keys.due_key(keys.OUTBOX, now, f"{workflow_id}~{key}")
        operations: list[Operation] = [
            _written(workflow_id, key, _values(0, None, None), None),
            Insert(due, {"workflow": workflow_id}),
        ]
        with suppress(Conflict):
            await self._transact(workflow_id, operations)

    async def move(self, workflow_id: str, key: str, ref: MessageRef) -> None:
        """Point a key to a newer message; the previous message stays as it is."""
        row = await self._table.get(keys.shard_of(workflow_id), keys.message_key(workflow_id, key))
        try:
            found = read_message(row) if row else None
            await self._write(workflow_id, key, _values(0, ref, None), found)
        except Conflict:
            return

    async def give_up(self, workflow_id: str, message: Message) -> None:
        """Record that a message can never be delivered."""
        values = _values(0, None, None) | {"undeliverable": True}
        try:
            await self._write(workflow_id, message.key, values, message)
        except Conflict:
            return

    async def _write(
        self, workflow_id: str, key: str, values: dict[str, Value], found: Message | None
    ) -> str:
        etags = await self._transact(workflow_id, [_written(workflow_id, key, values, found)])
        return etags[0]

    async def _transact(self, workflow_id: str, operations: Sequence[Operation]) -> list[str]:
        return await self._table.transact(keys.shard_of(workflow_id), operations)


def _written(
    workflow_id: str, key: str, values: dict[str, Value], found: Message | None
) -> Operation:
    row = keys.message_key(workflow_id, key)
    return Replace(row, values, found.etag) if found else Insert(row, values)


def can_claim(found: Iterable[Message | None], now: datetime) -> bool:
    """Return whether no other replica is posting one of these messages."""
    return all(
        one is None or one.claimed_until is None or one.claimed_until <= now for one in found
    )


def claiming(
    workflow_id: str, wanted: Mapping[str, Message | None], now: datetime
) -> list[Operation]:
    """Return the operations that claim messages by key, each as it was found."""
    values = _values(0, None, now + CLAIM)
    return [_written(workflow_id, key, values, found) for key, found in wanted.items()]


def claimed(
    wanted: Mapping[str, Message | None], now: datetime, etags: Sequence[str]
) -> tuple[Message, ...]:
    """Return messages as they are after ``claiming`` them; others' ETags may follow theirs."""
    return tuple(
        Message(key, 0, None, False, now + CLAIM, etag)
        for key, etag in zip(wanted, etags, strict=False)
    )


def releasing(workflow_id: str, messages: Iterable[Message]) -> list[Operation]:
    """Return the operations that release claims on messages."""
    return [_written(workflow_id, one.key, _values(0, None, None), one) for one in messages]


def recording(workflow_id: str, shown: Sequence[Shown]) -> list[Operation]:
    """Return the operations that record what messages show."""
    return [
        _written(
            workflow_id, each.message.key, _values(each.revision, each.ref, None), each.message
        )
        for each in shown
    ]


def _values(
    revision: int, ref: MessageRef | None, claimed_until: datetime | None
) -> dict[str, Value]:
    values: dict[str, Value] = {"revision": revision}
    if ref:
        values["service_url"] = ref.service_url
        values["conversation_id"] = ref.conversation_id
        values["activity_id"] = ref.activity_id
    if claimed_until:
        values["claimed_until"] = keys.instant(claimed_until)
    return values


def read_message(row: Row) -> Message:
    """Convert a row to a message."""
    values = row.values
    ref = None
    if "activity_id" in values:
        ref = MessageRef(
            str(values["service_url"]),
            str(values["conversation_id"]),
            str(values["activity_id"]),
        )
    claimed = values.get("claimed_until")
    return Message(
        key=row.key.split("~", 2)[2].removeprefix("message-"),
        revision=int(str(values["revision"])),
        ref=ref,
        undeliverable=bool(values.get("undeliverable", False)),
        claimed_until=datetime.fromisoformat(str(claimed)) if claimed else None,
        etag=row.etag,
    )
