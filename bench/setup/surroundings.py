"""What a bot needs around it: Teams' connector, Entra, the local Azure and a table service."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from unittest.mock import patch

import certifi
import trustme

from bench.setup.outside import Outside, running_outside
from sandbox import seed
from sandbox.calls import Clock
from sandbox.server import Endpoints, running
from sandbox.state import State
from sandbox.tls import prepare_tls
from tests.support.deployment import AUDIT, AUDIT_TEAM, REGISTRATION, a_tenant
from tests.support.sandbox import now
from tests.support.teams import APP_ID, TENANT, Person


def crowd(size: int) -> tuple[Person, ...]:
    """Return the people who write to a bot, each in their own chat."""
    return tuple(
        Person(f"Person {number}", f"21000000-0000-4000-8000-{number:012}")
        for number in range(size)
    )


def a_world(people: tuple[Person, ...]) -> seed.Seed:
    """Return a tenant with these people."""
    world = a_tenant()
    users = (seed.User(one.object_id, one.name, f"{one.object_id}@contoso", "") for one in people)
    return replace(world, users=(*world.users, *users))


@dataclass(frozen=True)
class Surroundings:
    """All services, running."""

    directory: Path
    outside: Outside
    azure: Endpoints
    state: State
    tables: str
    """The table service's connection string."""
    bundle: Path
    """The authorities that a bot has to trust."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Further variables for Latchkey."""

    def for_any_bot(self) -> dict[str, str]:
        """Return the environment of a bot on the Bot Framework."""
        return {
            "MicrosoftAppType": "SingleTenant",
            "MicrosoftAppId": APP_ID,
            "MicrosoftAppPassword": REGISTRATION.client_secret,
            "MicrosoftAppTenantId": TENANT,
            # msal asks Microsoft about hosts it doesn't know, unless they are for AD FS.
            "LOGIN_URL": f"{self.outside.authority_host}/adfs",
            "METADATA_URL": self.outside.metadata_url,
            "KEYS_URL": self.outside.keys_url,
            "SSL_CERT_FILE": str(self.bundle),
            "REQUESTS_CA_BUNDLE": str(self.bundle),  # requests doesn't read the other
        }

    def for_latchkey(self) -> dict[str, str]:
        """Return the environment of Latchkey as it is deployed."""
        return self.for_any_bot() | {
            "KEY_VAULT_NAME": seed.VAULT,
            "KEY_VAULT_URL": self.azure.base_url,
            "AZURE_SUBSCRIPTION_ID": seed.SUBSCRIPTION_ID,
            "AZURE_RESOURCE_GROUP": seed.RESOURCE_GROUP,
            "ALLOWED_SECRETS": f'["{seed.DEMO_API_KEY}"]',
            "SECRET_APPROVER_EMAIL": seed.AVERY.mail,
            "ADMIN_TEAMS_GROUP_ID": AUDIT_TEAM,
            "ADMIN_TEAMS_CHANNEL_ID": AUDIT.id,
            "AZURE_STORAGE_CONNECTION_STRING": self.tables,
            "AZURE_RESOURCE_MANAGER_ENDPOINT": self.azure.base_url,
            "MICROSOFT_GRAPH_ENDPOINT": self.azure.base_url,
            "AZURE_AUTHORITY_HOST": self.outside.authority_host,
            "ToBotFromChannelOpenIdMetadataUrl": self.outside.metadata_url,
            "BOT_SERVICE_HOSTS": self.outside.host,
            "BOT_SERVICE_URL": self.outside.service_url,
            "IDENTITY_ENDPOINT": self.azure.identity_url,
            "IDENTITY_HEADER": seed.IDENTITY_HEADER,
            **self.variables,
        }


@asynccontextmanager
async def running_surroundings(
    directory: Path,
    world: seed.Seed,
    tables: AbstractAsyncContextManager[str],
    clock: Clock = now,
) -> AsyncIterator[Surroundings]:
    """Start everything, with certificates in a directory; Azure goes by this clock.

    What a bot in this process sets in its environment doesn't outlive the block, nor do the files
    that it names.
    """
    authority = trustme.CA()
    tls = directory / "sandbox"
    bundle = _bundle(directory, authority, prepare_tls(tls, now()).ca)
    state = State.of(world, token_clock=now)
    async with AsyncExitStack() as stack:
        stack.enter_context(patch.dict(os.environ))
        outside = await stack.enter_async_context(running_outside(authority))
        azure = await stack.enter_async_context(running(state, clock=clock, tls_dir=tls))
        connection_string = await stack.enter_async_context(tables)
        yield Surroundings(directory, outside, azure, state, connection_string, bundle)


def _bundle(directory: Path, authority: trustme.CA, of_azure: Path) -> Path:
    """Write the CA bundle: as long as a real machine's, since reading it is part of the cost."""
    bundle = directory / "bundle.pem"
    own = authority.cert_pem.bytes() + of_azure.read_bytes()
    bundle.write_bytes(own + Path(certifi.where()).read_bytes())
    return bundle
