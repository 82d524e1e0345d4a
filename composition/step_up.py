"""Sign-ins that confirm what a person does, if the settings have what they need."""

from dataclasses import dataclass

from composition.access import AccessServices
from composition.clients import Clients
from composition.core import Core
from composition.runtime import Runtime
from config import Settings
from services.access.sign_in.fresh_sign_ins import CALLBACK, FreshSignIns
from services.access.sign_in.held_acts import HeldActs
from services.access.sign_in.refused_sign_ins import RefusedSignIns
from services.access.sign_in.sign_in_provider import SignInProvider
from services.access.sign_in.sign_in_rows import SignInRows
from services.azure.entra.step_up import AppCredential, EntraStepUp, SignInApp


@dataclass(frozen=True, slots=True, kw_only=True)
class StepUp:
    """Sign-ins, and what signs people in."""

    sign_ins: FreshSignIns
    provider: SignInProvider


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInAddresses:
    """Where browsers reach the bot, and which application they sign in to."""

    public_url: str
    tenant_id: str
    client_id: str


def compose_step_up(
    settings: Settings, core: Core, access: AccessServices, clients: Clients, runtime: Runtime
) -> StepUp | None:
    """Construct the sign-ins; None if a setting is missing, and then no policy asks for one."""
    client_id, tenants = settings.sign_in_client_id, settings.tenants
    if not settings.public_url or not client_id or not tenants:
        return None
    addresses = SignInAddresses(
        public_url=settings.public_url, tenant_id=next(iter(tenants)), client_id=client_id
    )
    endpoints = settings.endpoints
    app = SignInApp(
        client_id=client_id,
        tenant_id=addresses.tenant_id,
        authority=endpoints.authority,
        redirect_uri=f"{addresses.public_url}{CALLBACK}",
        token_scope=f"{endpoints.graph_audience}/.default",
        credential=_credential(settings, clients),
    )
    provider = EntraStepUp(clients.session, app)
    return StepUp(
        sign_ins=compose_sign_ins(core, access, provider, addresses, runtime), provider=provider
    )


def compose_sign_ins(
    core: Core,
    access: AccessServices,
    provider: SignInProvider,
    addresses: SignInAddresses,
    runtime: Runtime,
) -> FreshSignIns:
    """Construct the use case over any provider."""
    return FreshSignIns(
        SignInRows(core.table),
        provider,
        HeldActs(access.access, access.extensions, core.admins),
        RefusedSignIns(
            core.workflows, core.engine, core.policies, access.offers, core.clock, core.advance_soon
        ),
        core.workflows,
        core.directory,
        core.clock,
        runtime.new_offer_id,
        public_url=addresses.public_url,
        tenant_id=addresses.tenant_id,
        client_id=addresses.client_id,
    )


def _credential(settings: Settings, clients: Clients) -> AppCredential:
    """Return the configured credential, or else the managed identity as a federated one."""
    scope = f"{settings.endpoints.token_exchange_audience}/.default"

    async def assertion() -> str:
        return (await clients.credential.get_token(scope)).token

    return AppCredential(
        secret=settings.sign_in_secret,
        certificate_path=settings.sign_in_certificate_path,
        assertion=assertion,
    )
