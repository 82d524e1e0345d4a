"""The keys of a storage account: two slots; the idle one is regenerated and issued."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.reasons import Reason
from domain.rotation.rotation import RemainingCredential, Rotation
from domain.secrets import SecretValue
from services.faults import Rejected, Unavailable
from services.rotation.issuers.issuer import Issued, IssuerKind, IssuerRights, Preview
from services.rotation.issuers.options import Options, missing_options, unknown_options
from services.rotation.secret_versions import Version

NAME = "storage-account"

ROLE = "Storage Account Key Operator Service Role"
_ACTIONS = (
    "Microsoft.Storage/storageAccounts/listkeys/action",
    "Microsoft.Storage/storageAccounts/regeneratekey/action",
)

_OTHER = {"key1": "key2", "key2": "key1"}
_ACCOUNT = re.compile(
    r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Storage"
    r"/storageAccounts/(?P<name>[a-z0-9]{3,24})",
    re.IGNORECASE,
)
_KEY, _CONNECTION_STRING = "key", "connection-string"
_DEFAULTS = {"account": "", "format": _KEY, "endpoint-suffix": "core.windows.net"}


@dataclass(frozen=True, slots=True)
class StorageKey:
    """One key and its creation time; None for keys older than Azure's record of that time."""

    value: SecretValue
    created_at: datetime | None


class StorageKeys(Protocol):
    """The keys of storage accounts; ``account`` is a resource ID."""

    async def read(self, account: str) -> Mapping[str, StorageKey]:
        """Read all keys by slot name; raises Rejected if there is no such account."""

    async def regenerate(self, account: str, slot: str) -> None:
        """Regenerate one key; the key that was in the slot stops working."""


Holders = Callable[[Rotation, str, SecretValue], Awaitable[tuple[str, ...]]]
"""Names the other secrets known to Latchkey that hold a key, given its slot and value."""


async def _nobody(rotation: Rotation, slot: str, key: SecretValue) -> tuple[str, ...]:  # noqa: ARG001 - the shape of Holders
    return ()


class StorageAccountIssuer:
    """Regenerates the idle key and issues it.

    Its options: ``account`` (a resource ID), ``format`` (``key``, or ``connection-string`` if the
    secret holds one) and ``endpoint-suffix`` (of the cloud, for connection strings).
    """

    def __init__(self, keys: StorageKeys, holders: Holders = _nobody) -> None:
        """Take the keys, and the function that finds other secrets that hold one of them."""
        self._keys = keys
        self._holders = holders

    @property
    def kind(self) -> IssuerKind:
        return KIND

    async def reach(self, options: Options) -> None:
        """List the keys, and forget them; raises NotPermitted."""
        await self._keys.read(dict(options)["account"])

    async def prepare(self, rotation: Rotation, old: Version, value: SecretValue) -> str:  # noqa: ARG002 - an issuer's shape
        """Regenerate the idle key, and return its slot.

        Raises Rejected if neither key is in use, or if another secret holds the idle key.
        Regenerating it twice is harmless: the first key wasn't given to anyone.
        """
        account = _Account.of(rotation)
        keys = await self._keys.read(account.id)
        slot = _OTHER[self._used_slot(account, keys, value)]
        if others := await self._holders(rotation, slot, keys[slot].value):
            raise Rejected(account.name, _held_elsewhere(slot, others))
        await self._renew(account, slot)
        return slot

    async def issue(self, rotation: Rotation) -> Issued:
        """Read the regenerated key: every call returns the same one."""
        account, slot = _Account.of(rotation), _issued_slot(rotation)
        key = (await self._keys.read(account.id))[slot]
        return Issued(account.formatted(key.value), slot)

    async def is_alive(self, rotation: Rotation, credential: str, value: SecretValue) -> bool:
        """Say whether the account still has the key that a version holds."""
        account = _Account.of(rotation)
        held = account.key_in(value)
        keys = await self._keys.read(account.id)
        slots = (credential,) if credential in keys else tuple(keys)
        return any(keys[slot].value == held for slot in slots)

    async def test_value(self, rotation: Rotation, value: SecretValue) -> Reason | None:  # noqa: ARG002 - an issuer's shape
        """Try nothing: a key is valid as soon as the account shows it."""
        return None

    async def preview(self, rotation: Rotation, old: Version, value: SecretValue) -> Preview:  # noqa: ARG002 - an issuer's shape
        """Say which keys would be regenerated, and which secrets that would cut off."""
        account = _Account.of(rotation)
        keys = await self._keys.read(account.id)
        used = self._used_slot(account, keys, value)
        slot = _OTHER[used]
        notes = [
            Reason("key_regenerated_at_once", {"slot": slot, "account": account.name}),
            Reason("key_regenerated_later", {"slot": used}),
        ]
        sharing, others = await asyncio.gather(
            *(self._holders(rotation, each, keys[each].value) for each in (used, slot))
        )
        if sharing:
            notes.append(Reason("key_in_use_elsewhere", {"slot": used, "secrets": sharing}))
        if others:
            held = {"subject": account.name, **_held_elsewhere(slot, others).params}
            return Preview(tuple(notes), (Reason("key_held_elsewhere", held),))
        return Preview((*notes, Reason("key_held_by_no_other", {"slot": slot})))

    async def withdraw(self, rotation: Rotation, old: SecretValue | None) -> None:  # noqa: ARG002 - the other key still holds it
        """Regenerate the issued key, so that all copies stop working; twice is harmless.

        Without a slot on record nothing was issued, though a key may have been regenerated.
        """
        if rotation.credential:
            await self._renew(_Account.of(rotation), rotation.credential)

    async def changed_for_others(self, rotation: Rotation) -> Reason | None:
        """Name the keys that are newer than the rotation, whoever regenerated them.

        The issued one is, even if no answer ever said so. Azure gives whole seconds.
        """
        account, since = _Account.of(rotation), rotation.asked_at.replace(microsecond=0)
        keys = await self._keys.read(account.id)
        newer = [slot for slot, key in keys.items() if key.created_at and key.created_at >= since]
        if not newer:
            return None
        return Reason("keys_regenerated", {"account": account.name, "slots": tuple(newer)})

    async def retire(self, rotation: Rotation) -> None:
        """Regenerate the old key, once. Raises Rejected if another secret holds it.

        A second time could fall into the next rotation, which issues the key in this same slot.
        If the old key is newer than the issued one, it has already been regenerated.
        """
        account, slot = _Account.of(rotation), _issued_slot(rotation)
        keys, old = await self._keys.read(account.id), _OTHER[slot]
        issued_at, old_at = keys[slot].created_at, keys[old].created_at
        if issued_at and old_at and old_at > issued_at:
            return
        if others := await self._holders(rotation, old, keys[old].value):
            raise Rejected(account.name, _held_elsewhere(old, others))
        await self._renew(account, old)

    async def remaining(self, rotation: Rotation) -> tuple[RemainingCredential, ...]:  # noqa: ARG002 - an issuer's shape
        """List nothing: the other key was regenerated, and no one has it."""
        return ()

    @staticmethod
    def _used_slot(account: "_Account", keys: Mapping[str, StorageKey], value: SecretValue) -> str:
        held = account.key_in(value)
        used = next((slot for slot in _OTHER if slot in keys and keys[slot].value == held), None)
        if used is None:
            raise Rejected(account.name, Reason("no_key_in_use"))
        return used

    async def _renew(self, account: "_Account", slot: str) -> None:
        before = await self._keys.read(account.id)
        await self._keys.regenerate(account.id, slot)
        after = await self._keys.read(account.id)
        if after[slot].value == before[slot].value:
            unchanged = Reason("key_unchanged", {"slot": slot})
            raise Unavailable(account.name, unchanged, outcome_unknown=False)


def _held_elsewhere(slot: str, secrets: tuple[str, ...]) -> Reason:
    return Reason("key_held_elsewhere", {"slot": slot, "secrets": secrets})


def _issued_slot(rotation: Rotation) -> str:
    if rotation.credential not in _OTHER:
        raise ValueError("no key of a storage account was made ready for this rotation")
    return rotation.credential


@dataclass(frozen=True, slots=True)
class _Account:
    """A storage account, and the form in which a secret holds its key."""

    id: str
    name: str
    format: str
    suffix: str

    @classmethod
    def of(cls, rotation: Rotation) -> "_Account":
        if faults := check_options(rotation.terms.options):
            raise Rejected(NAME, Reason("wrong_options", {"faults": tuple(faults)}))
        given = _DEFAULTS | dict(rotation.terms.options)
        # ARM takes any spelling of an account's name; connection strings and signatures don't.
        name = given["account"].rpartition("/")[2].lower()
        return cls(given["account"], name, given["format"], given["endpoint-suffix"])

    def key_in(self, value: SecretValue) -> SecretValue:
        """Return the key that a secret holds; raises Rejected if other parts would be lost."""
        if self.format == _KEY:
            return value
        key = _account_key(value, like=self._connection_string(""))
        if key is None:
            raise Rejected(self.name, Reason("other_connection_string"))
        return key

    def formatted(self, key: SecretValue) -> SecretValue:
        if self.format == _KEY:
            return key
        return SecretValue(self._connection_string(key.reveal()))

    def _connection_string(self, key: str) -> str:
        return (
            f"DefaultEndpointsProtocol=https;AccountName={self.name};AccountKey={key}"
            f";EndpointSuffix={self.suffix}"
        )


def _account_key(value: SecretValue, *, like: str) -> SecretValue | None:
    """Return the key in a connection string; None if it differs in anything but the key."""
    parts = _parts(value.reveal())
    if parts | {"accountkey": ""} != _parts(like):
        return None
    return SecretValue(parts.get("accountkey", ""))


def _parts(connection_string: str) -> dict[str, str]:
    """Return the parts of a connection string by name; names are case-insensitive."""
    pairs = (part.partition("=") for part in connection_string.split(";") if part.strip())
    return {name.strip().lower(): text.strip() for name, _, text in pairs}


def check_options(options: Options) -> list[str]:
    """Return the errors in a policy's options for this issuer; each begins with the option."""
    given = _DEFAULTS | dict(options)
    faults = [*unknown_options(options, _DEFAULTS), *missing_options(options, ("account",))]
    if given["account"] and _ACCOUNT.fullmatch(given["account"]) is None:
        faults.append("account: the resource id of a storage account is expected")
    if given["format"] not in (_KEY, _CONNECTION_STRING):
        faults.append(f"format: {_KEY} or {_CONNECTION_STRING} is expected")
    return faults


def _is_whole_connection_string(options: Options) -> bool:
    return dict(options).get("format") == _CONNECTION_STRING


def _needs(options: Options) -> IssuerRights:
    return IssuerRights(resource=dict(options).get("account", ""), role=ROLE, actions=_ACTIONS)


KIND = IssuerKind(
    name=NAME,
    check_options=check_options,
    needs=_needs,
    reuses_slots=True,
    keeps_structure=_is_whole_connection_string,
    of_one_secret=("account", "its two keys take turns, for one secret alone"),
)
