"""Check what drills need, and whether the last one worked."""

from collections.abc import Awaitable, Callable, Iterator

from domain.diagnosis import Finding, broken, doubtful, good
from domain.drill.drill import Drill
from domain.phrases import phrase
from services.drill.canary import Canary
from services.operations.checks.check import Check
from services.policies import Policies
from services.ports import Accounts, AccountState, Secrets, SecretState

_SECRET = phrase("Drill's secret")
_PRINCIPAL = phrase("Drill's principal")
_LAST = phrase("Last drill")
_TRY = phrase("Type {command}.", command="drill")
_SET_UP = phrase("Set {variable} as docs/deploy.md says.", variable="DRILL_SECRET")
_CREATE = phrase("Create it, with a value that is worth nothing.")
_DIRECTORY = phrase("Give the bot's identity {permission}.", permission="User.Read.All")
_USER = phrase(
    "Set {variable} to the object ID of a user. It can't be an application, since the bot assigns "
    "roles to users only.",
    variable="DRILL_PRINCIPAL_ID",
)


class DrillChecks:
    """Creates the checks of the canary, and of the last drill."""

    def __init__(
        self,
        canary: Canary,
        secrets: Secrets,
        accounts: Accounts,
        last: Callable[[], Awaitable[Drill | None]],
    ) -> None:
        self._canary = canary
        self._secrets = secrets
        self._accounts = accounts
        self._last = last

    def checks(self, policies: Policies) -> Iterator[Check]:
        """Check what drills use by these rules."""

        async def look_at_secret() -> Finding:
            return await self._look_at_secret(policies)

        yield Check(_SECRET, look_at_secret, _SET_UP)
        yield Check(_PRINCIPAL, self._look_at_principal, _DIRECTORY)
        yield Check(_LAST, self._look_at_last)

    async def _look_at_secret(self, policies: Policies) -> Finding:
        secret, vault = self._canary.secret, self._canary.policy(policies).vault
        if policies.of(secret):
            seen = phrase("people can request {secret}", secret=secret)
            return doubtful(_SECRET, seen, phrase("Leave it out of the policy."))
        state = await self._secrets.state(vault, secret)
        if state is SecretState.ENABLED:
            return good(_SECRET, phrase("{secret} exists", secret=secret))
        if state is SecretState.DISABLED:
            seen = phrase("{secret} is disabled", secret=secret)
            return broken(_SECRET, seen, phrase("Enable it."))
        seen = phrase("{secret} isn't in {vault}", secret=secret, vault=vault.name)
        return broken(_SECRET, seen, _CREATE)

    async def _look_at_principal(self) -> Finding:
        state = await self._accounts.account(self._canary.principal_id)
        if state is AccountState.DISABLED:
            return good(_PRINCIPAL, phrase("is a user who can't sign in"))
        if state is AccountState.ENABLED:
            seen = phrase("is a user who can sign in")
            return doubtful(_PRINCIPAL, seen, phrase("Block the sign-in of that account."))
        return broken(_PRINCIPAL, phrase("isn't a user in the directory"), _USER)

    async def _look_at_last(self) -> Finding:
        drill = await self._last()
        if drill is None:
            return doubtful(_LAST, phrase("there was none yet"), _TRY)
        if not drill.is_over:
            return good(_LAST, phrase("{drill} is under way", drill=drill.id))
        if drill.failure:
            remedy = phrase("Look at {command}.", command=f"history {drill.id}")
            return broken(_LAST, phrase("{drill} failed", drill=drill.id), remedy)
        return good(_LAST, phrase("{drill} succeeded", drill=drill.id))
