"""Checks of the fresh sign-ins that the policy asks for."""

from collections.abc import Iterator

from domain.diagnosis import Finding, doubtful, good
from domain.phrases import Phrase, phrase
from services.access.sign_in.sign_in_provider import SignInProvider
from services.operations.checks.check import Check
from services.policies import Policies
from services.rotation.steps.health_checks import HealthChecks

_ADDRESS = phrase("Public address")
_SET_ADDRESS = phrase(
    "Set {variable} to the https address by which people's browsers reach the bot.",
    variable="PUBLIC_URL",
)
_APP = phrase("Sign-in app")
_CHECK_APP = phrase(
    "Check {variable}, the client secret or certificate, and its expiry; without either, "
    "the bot's identity must be a federated credential of that app registration.",
    variable="SIGN_IN_CLIENT_ID",
)
_CONTEXTS = phrase("Authentication contexts")


def sign_in_checks(
    provider: SignInProvider, health: HealthChecks, policies: Policies, public_url: str
) -> Iterator[Check]:
    """Check the address, the application, and which contexts the policy names."""

    async def address() -> Finding:
        if not await health.is_well(f"{public_url}/healthz"):
            seen = phrase("the bot doesn't answer itself at {url}", url=public_url)
            return doubtful(_ADDRESS, seen, _SET_ADDRESS)
        return good(_ADDRESS, phrase("{url} answers", url=public_url))

    async def app() -> Finding:
        await provider.check()
        return good(_APP, phrase("Entra accepts its credentials"))

    async def contexts() -> Finding:
        return good(_CONTEXTS, _named(policies))

    yield Check(_ADDRESS, address, _SET_ADDRESS)
    yield Check(_APP, app, _CHECK_APP)
    if any(one.step_up.contexts for one in policies.all()):
        yield Check(_CONTEXTS, contexts)


def _named(policies: Policies) -> Phrase:
    """Name each context with the secrets that ask for it; Entra isn't asked whether it exists."""
    found: dict[str, list[str]] = {}
    for one in policies.all():
        for context in one.step_up.contexts:
            found.setdefault(context, []).append(one.secret)
    named = "; ".join(f"{context}: {', '.join(names)}" for context, names in found.items())
    return phrase("{named}", named=named)
