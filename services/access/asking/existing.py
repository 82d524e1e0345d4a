"""Whether secrets can be read at all: they exist, and their current version is enabled."""

import asyncio
import logging
from collections.abc import Iterable
from datetime import timedelta

from domain.access.request import Request
from domain.reasons import Reason
from domain.refusals.refusal import Refusal
from domain.refusals.secrets import DisabledSecret, UnknownSecret
from domain.secrets import Vault
from services.clock import Clock
from services.faults import Fault, described
from services.ports import Secrets, SecretState

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=3)
"""How long a grant waits for this check."""

_STILL_FRESH = timedelta(minutes=1)
"""How long the check that was made for a request is good enough for its grant."""


class ExistingSecrets:
    """Reads the metadata of secrets before a request, and again before a grant."""

    def __init__(self, secrets: Secrets, clock: Clock) -> None:
        self._secrets = secrets
        self._clock = clock

    async def missing(self, secrets: Iterable[tuple[Vault, str]]) -> dict[str, Refusal]:
        """Return why secrets can't be read, by name; raises a Fault if that can't be found out."""
        places = list(secrets)
        found = await asyncio.gather(*(self._secrets.state(vault, name) for vault, name in places))
        reasons: dict[str, Refusal] = {}
        for (vault, name), state in zip(places, found, strict=True):
            match state:
                case SecretState.UNKNOWN:
                    reasons[name] = UnknownSecret(name, vault.name)
                case SecretState.DISABLED:
                    reasons[name] = DisabledSecret(name, vault.name)
                case SecretState.ENABLED:
                    continue
        return reasons

    async def why_unreadable(self, request: Request) -> Reason | None:
        """Return why a secret of a request can't be read any more, or None.

        An outage delays no grant: the secrets existed when they were asked for.
        """
        if self._clock() - request.requested_at < _STILL_FRESH:
            return None
        places = [
            (Vault(one.vault, one.vault_url, one.vault_id), one.secret) for one in request.targets
        ]
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                missing = await self.missing(places)
        except (Fault, TimeoutError) as error:
            log.warning(
                "%s: can't check whether its secrets still exist: %s", request.id, described(error)
            )
            return None
        return next((refusal.reason for refusal in missing.values()), None)
