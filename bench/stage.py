"""All contenders and the services they need, running together; only the measured one is busy."""

import importlib.util
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import certifi
import trustme

from bench.contender import Contender
from bench.outside import Outside, running_outside
from sandbox import seed
from sandbox.server import Endpoints, running
from sandbox.state import State
from sandbox.tls import prepare_tls
from tests.support.azurite import running_azurite
from tests.support.deployment import AUDIT, AUDIT_TEAM, REGISTRATION, a_tenant
from tests.support.sandbox import now
from tests.support.teams import APP_ID, TENANT, Person

AGENTS_SDK = importlib.util.find_spec("microsoft_agents") is not None

CROWD = tuple(
    Person(f"Person {number}", f"21000000-0000-4000-8000-{number:012}") for number in range(64)
)
"""The people who write to a bot, each in their own chat."""


@dataclass(frozen=True)
class Stage:
    """The running contenders by name, and the services they need."""

    outside: Outside
    contenders: Mapping[str, Contender]


@asynccontextmanager
async def running_stage(directory: Path) -> AsyncIterator[Stage]:
    """Start everything, with logs and certificates in a directory."""
    authority = trustme.CA()
    tls = directory / "sandbox"
    bundle = _bundle(directory, authority, prepare_tls(tls, now()).ca)
    async with AsyncExitStack() as stack:
        outside = await stack.enter_async_context(running_outside(authority))
        azure = await stack.enter_async_context(
            running(State.of(_world(), token_clock=now), clock=now, tls_dir=tls)
        )
        tables = stack.enter_context(running_azurite(directory))
        contenders = {}
        for name, environment in _programs(outside, azure, tables, bundle).items():
            contenders[name] = Contender(f"bench.programs.{name}", environment, directory)
            stack.push_async_callback(contenders[name].stop)
            await contenders[name].start()
        yield Stage(outside, contenders)


def _bundle(directory: Path, authority: trustme.CA, of_azure: Path) -> Path:
    """Write the CA bundle: as long as a real machine's, since reading it is part of the cost."""
    bundle = directory / "bundle.pem"
    own = authority.cert_pem.bytes() + of_azure.read_bytes()
    bundle.write_bytes(own + Path(certifi.where()).read_bytes())
    return bundle


def _world() -> seed.Seed:
    world = a_tenant()
    crowd = (seed.User(one.object_id, one.name, f"{one.object_id}@contoso", "") for one in CROWD)
    return replace(world, users=(*world.users, *crowd))


def _programs(
    outside: Outside, azure: Endpoints, tables: str, bundle: Path
) -> dict[str, dict[str, str]]:
    """Return each program's environment by its name."""
    common = _common(outside, bundle)
    echoes = ["bare", "stock", *(["agents"] if AGENTS_SDK else [])]
    deployed = common | _deployment(outside, azure, tables)
    return dict.fromkeys(echoes, common) | {"latchkey": deployed}


def _common(outside: Outside, bundle: Path) -> dict[str, str]:
    return {
        "MicrosoftAppType": "SingleTenant",
        "MicrosoftAppId": APP_ID,
        "MicrosoftAppPassword": REGISTRATION.client_secret,
        "MicrosoftAppTenantId": TENANT,
        # msal asks Microsoft about hosts it doesn't know, unless they are for AD FS.
        "LOGIN_URL": f"{outside.authority_host}/adfs",
        "METADATA_URL": outside.metadata_url,
        "KEYS_URL": outside.keys_url,
        "SSL_CERT_FILE": str(bundle),
        "REQUESTS_CA_BUNDLE": str(bundle),  # requests doesn't read the other
    }


def _deployment(outside: Outside, azure: Endpoints, tables: str) -> dict[str, str]:
    return {
        "KEY_VAULT_NAME": seed.VAULT,
        "KEY_VAULT_URL": azure.base_url,
        "AZURE_SUBSCRIPTION_ID": seed.SUBSCRIPTION_ID,
        "AZURE_RESOURCE_GROUP": seed.RESOURCE_GROUP,
        "ALLOWED_SECRETS": f'["{seed.DEMO_API_KEY}"]',
        "SECRET_APPROVER_EMAIL": seed.AVERY.mail,
        "ADMIN_TEAMS_GROUP_ID": AUDIT_TEAM,
        "ADMIN_TEAMS_CHANNEL_ID": AUDIT.id,
        "AZURE_STORAGE_CONNECTION_STRING": tables,
        "AZURE_RESOURCE_MANAGER_ENDPOINT": azure.base_url,
        "MICROSOFT_GRAPH_ENDPOINT": azure.base_url,
        "AZURE_AUTHORITY_HOST": outside.authority_host,
        "ToBotFromChannelOpenIdMetadataUrl": outside.metadata_url,
        "BOT_SERVICE_HOSTS": outside.host,
        "BOT_SERVICE_URL": outside.service_url,
        "IDENTITY_ENDPOINT": azure.identity_url,
        "IDENTITY_HEADER": seed.IDENTITY_HEADER,
    }
