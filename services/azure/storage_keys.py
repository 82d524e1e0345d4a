"""The keys of storage accounts, in Azure Resource Manager."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from azure.core.exceptions import HttpResponseError

from domain.secrets import SecretValue
from services.azure.calls.errors import codes_of, translated
from services.azure.calls.rest import RestAdapter
from services.faults import Fault, Unavailable
from services.rotation.issuers.storage_account import StorageKey

SERVICE = "Azure Storage"

_QUERY = {"api-version": "2023-01-01"}


class ArmStorageKeys(RestAdapter):
    """Keys, behind ``services.rotation.issuers.storage_account.StorageKeys``.

    Needs the actions ``listkeys`` and ``regeneratekey`` on each account.
    """

    async def read(self, account: str) -> Mapping[str, StorageKey]:
        """Read all keys by slot name; raises Rejected if there is no such account."""
        with _faults():
            return _keys(await self._post(f"{quote(account)}/listKeys", _QUERY))

    async def regenerate(self, account: str, slot: str) -> None:
        """Regenerate one key."""
        with _faults(changes=True):
            await self._post(f"{quote(account)}/regenerateKey", _QUERY, {"keyName": slot})


def _keys(found: Mapping[str, Any]) -> Mapping[str, StorageKey]:
    return {key["keyName"]: _key(key) for key in found["keys"]}


def _key(key: Mapping[str, Any]) -> StorageKey:
    created = key.get("creationTime")
    return StorageKey(
        SecretValue(key["value"]), datetime.fromisoformat(created) if created else None
    )


def _faults(*, changes: bool = False) -> AbstractContextManager[None]:
    return translated(SERVICE, codes_only=True, changes=changes, known=_busy)


def _busy(error: Exception) -> Fault | None:
    """Recognize an account that another operation has locked for the moment."""
    if isinstance(error, HttpResponseError) and error.status_code == HTTPStatus.CONFLICT:
        return Unavailable(SERVICE, codes_of(error), outcome_unknown=False)
    return None
