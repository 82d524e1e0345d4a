"""Check what drills need, and whether the last one worked."""

from collections.abc import Iterator

from domain.diagnosis import Finding, broken, doubtful, good
from domain.phrases import phrase
from services.drill.canary import Canary
from services.operations.checks.check import Check
from services.policies import Policies
from services.ports import Accounts, AccountState, Secrets, SecretState

_SECRET = phrase("Drill's secret")
_PRINCIPAL = phrase("Drill's principal")
_SET_UP = phrase("Set {variable} as docs/deploy.md says.", variable="DRILL_SECRET")
_CREATE = phrase("Create it, with a value that is worth nothing.")
_DIRECTORY = phrase("Give the bot's identity {permission}.", permission="User.Read.All")
_USER = phrase(
    "Set {variable} to the object ID of a user. It can't be an application, since the bot assigns "
    "roles to users only.",
    variable="DRILL_PRINCIPAL_ID",
)


def drill_checks(
    canary: Canary, policies: Policies, secrets: Secrets, accounts: Accounts
) -> Iterator[Check]:
    """Check the canary."""

    async def look_at_secret() -> Finding:
        vault = canary.policy(policies).vault
        if policies.of(canary.secret):
            seen = phrase("people can request {secret}", secret=canary.secret)
            return doubtful(_SECRET, seen, phrase("Leave it out of the policy."))
        state = await secrets.state(vault, canary.secret)
        if state is SecretState.ENABLED:
            return good(_SECRET, phrase("{secret} exists", secret=canary.secret))
        if state is SecretState.DISABLED:
            return broken(
                _SECRET, phrase("{secret} is disabled", secret=canary.secret), phrase("Enable it.")
            )
        seen = phrase("{secret} isn't in {vault}", secret=canary.secret, vault=vault.name)
        return broken(_SECRET, seen, _CREATE)

    async def look_at_principal() -> Finding:
        state = await accounts.account(canary.principal_id)
        if state is AccountState.DISABLED:
            return good(_PRINCIPAL, phrase("is a user who can't sign in"))
        if state is AccountState.ENABLED:
            seen = phrase("is a user who can sign in")
            return doubtful(_PRINCIPAL, seen, phrase("Block the sign-in of that account."))
        return broken(_PRINCIPAL, phrase("isn't a user in the directory"), _USER)

    yield Check(_SECRET, look_at_secret, _SET_UP)
    yield Check(_PRINCIPAL, look_at_principal, _DIRECTORY)
