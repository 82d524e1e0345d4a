"""The log in which the vaults write who read which secret."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from domain.access.reads import Logged, LogSpan, ReadersFound, SecretOfVault


class ReadLog(Protocol):
    """The vaults' own log; a read that isn't in it may still come."""

    async def reads(
        self,
        places: Sequence[SecretOfVault],
        callers: Sequence[str],
        span: LogSpan,
        most: int,
        assignments: Collection[str] = (),
    ) -> Logged:
        """Return the newest successful reads of these secrets by these object IDs.

        With ``assignments``, as ``guid_in`` writes them, those too that one of them allowed: by
        whomever, and of any secret of these vaults.
        """

    async def readers(
        self, places: Sequence[SecretOfVault], span: LogSpan, most: int
    ) -> ReadersFound:
        """Return who read these secrets, and how often: the most frequent first."""

    async def heard(self, vault_ids: Sequence[str], span: LogSpan) -> Mapping[str, datetime]:
        """Return when each vault's newest line is from, by its ID in lower case, if it has any."""
