"""The versions of secrets for one move, which lists those of a secret once.

A listing takes a call for each 25 versions, one after the other, and a move has seconds for all of
its calls: a secret that is rotated often, or a slow vault, would let no move finish.
"""

from domain.secrets import SecretValue
from services.rotation.secret_versions import SecretVersions, Version

_Secret = tuple[str, str]


class ListedOnce:
    """``SecretVersions`` that repeat a listing until something is changed through them.

    Values, and which version is current, are read each time.
    """

    def __init__(self, versions: SecretVersions) -> None:
        self._versions = versions
        self._listed: dict[_Secret, list[Version]] = {}

    async def current(self, vault_url: str, name: str) -> tuple[Version, SecretValue]:
        return await self._versions.current(vault_url, name)

    async def read(self, vault_url: str, name: str, version: str) -> tuple[Version, SecretValue]:
        return await self._versions.read(vault_url, name, version)

    async def list(self, vault_url: str, name: str) -> list[Version]:
        if (vault_url, name) not in self._listed:
            self._listed[vault_url, name] = await self._versions.list(vault_url, name)
        return [*self._listed[vault_url, name]]

    async def write(self, vault_url: str, name: str, value: SecretValue, version: Version) -> str:
        self._listed.clear()
        return await self._versions.write(vault_url, name, value, version)

    async def is_deleted(self, vault_url: str, name: str) -> bool:
        return await self._versions.is_deleted(vault_url, name)

    async def disable(self, vault_url: str, name: str, version: str) -> None:
        self._listed.clear()
        await self._versions.disable(vault_url, name, version)
