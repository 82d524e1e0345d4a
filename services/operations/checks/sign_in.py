"""Checks of the fresh sign-ins that the policy asks for."""

from collections.abc import Iterator

from domain.diagnosis import Finding, doubtful, good
from services.access.sign_in_provider import SignInProvider
from services.operations.checks.check import Check
from services.policies import Policies
from services.rotation.health_checks import HealthChecks

_ADDRESS = "Set PUBLIC_URL to the https address by which people's browsers reach the bot."
_APP = (
    "Check SIGN_IN_CLIENT_ID, the client secret or certificate, and its expiry; without either, "
    "the bot's identity must be a federated credential of that app registration."
)


def sign_in_checks(
    provider: SignInProvider, health: HealthChecks, policies: Policies, public_url: str
) -> Iterator[Check]:
    """Check the address, the application, and which contexts the policy names."""

    async def address() -> Finding:
        subject = "Public address"
        if not await health.is_well(f"{public_url}/healthz"):
            return doubtful(subject, f"the bot doesn't answer itself at {public_url}", _ADDRESS)
        return good(subject, f"{public_url} answers")

    async def app() -> Finding:
        await provider.check()
        return good("Sign-in app", "Entra accepts its credentials")

    async def contexts() -> Finding:
        return good("Authentication contexts", _named(policies))

    yield Check("Public address", address, _ADDRESS)
    yield Check("Sign-in app", app, _APP)
    if any(one.step_up.contexts for one in policies.all()):
        yield Check("Authentication contexts", contexts, "")


def _named(policies: Policies) -> str:
    """Name each context with the secrets that ask for it; Entra isn't asked whether it exists."""
    found: dict[str, list[str]] = {}
    for one in policies.all():
        for context in one.step_up.contexts:
            found.setdefault(context, []).append(one.secret)
    return "; ".join(f"{context} for {', '.join(names)}" for context, names in found.items())
