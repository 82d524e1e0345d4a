"""A production deployment: its people, its Azure and the bot's environment."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import trustme

from sandbox import seed
from sandbox.tls import prepare_tls
from tests.support.sandbox import Sandbox
from tests.support.teams import APP_ID, TENANT, Person, Teams, a_channel

AUDIT = a_channel("audit")
AUDIT_TEAM = "9c1f0f4e-0d8f-4d36-8f7b-2f6f0c3d5a10"
"""The Entra ID of its team."""

# The SDKs read these from the process's environment, not from our settings.
READ_BY_SDKS = ("SSL_CERT_FILE", "IDENTITY_ENDPOINT", "IDENTITY_HEADER", "NO_PROXY")

REGISTRATION = seed.ServicePrincipal(
    "30000000-0000-4000-8000-000000000009", "latchkey-registration", APP_ID
)
"""The bot's identity in Teams; in Azure it is the managed identity `seed.BOT`."""

UNKNOWN_SECRET = "forgotten-api-key"
"""It can be requested, but isn't in the vault."""


def _person(user: seed.User) -> Person:
    return Person(user.display_name, user.id)


DANA = _person(seed.DANA)
AVERY = _person(seed.AVERY)
ROBIN = _person(seed.ROBIN)
MORGAN = _person(seed.MORGAN)


def a_tenant() -> seed.Seed:
    """Return the sandbox's default seed, in the fake Teams' tenant."""
    world = seed.default_seed()
    principals = (*world.service_principals, REGISTRATION)
    return replace(world, tenant_id=TENANT, service_principals=principals)


@dataclass(frozen=True)
class Trust:
    """Hold the certificate authorities of the sandbox and of the fake Teams."""

    sandbox_directory: Path
    teams_authority: trustme.CA
    bundle: Path


def prepare_trust(directory: Path) -> Trust:
    """Create both authorities and the bot's CA bundle."""
    authority = trustme.CA()
    files = prepare_tls(directory / "sandbox", datetime.now(UTC))
    bundle = directory / "bundle.pem"
    bundle.write_bytes(files.ca.read_bytes() + authority.cert_pem.bytes())
    return Trust(directory / "sandbox", authority, bundle)


def environment(
    teams: Teams, sandbox: Sandbox, trust: Trust, connection_string: str
) -> Mapping[str, str]:
    """Return the bot's environment: as in production, except for the services' addresses."""
    requestable = [seed.DEMO_API_KEY, seed.APP_API_KEY, seed.OLD_API_KEY, UNKNOWN_SECRET]
    return {
        "MicrosoftAppType": "SingleTenant",
        "MicrosoftAppId": APP_ID,
        "MicrosoftAppPassword": REGISTRATION.client_secret,
        "MicrosoftAppTenantId": TENANT,
        "KEY_VAULT_NAME": seed.VAULT,
        "KEY_VAULT_URL": sandbox.base_url,
        "AZURE_SUBSCRIPTION_ID": seed.SUBSCRIPTION_ID,
        "AZURE_RESOURCE_GROUP": seed.RESOURCE_GROUP,
        "ALLOWED_SECRETS": json.dumps(requestable),
        "SECRET_APPROVER_EMAIL": f"{seed.AVERY.mail}, {seed.ROBIN.mail}",
        "ADMIN_TEAMS_GROUP_ID": AUDIT_TEAM,
        "ADMIN_TEAMS_CHANNEL_ID": AUDIT.id,
        "AZURE_STORAGE_CONNECTION_STRING": connection_string,
        "AZURE_RESOURCE_MANAGER_ENDPOINT": sandbox.base_url,
        "MICROSOFT_GRAPH_ENDPOINT": sandbox.base_url,
        "AZURE_AUTHORITY_HOST": sandbox.base_url,
        "ToBotFromChannelOpenIdMetadataUrl": teams.metadata_url,
        "BOT_SERVICE_HOSTS": teams.host,
        "BOT_SERVICE_URL": teams.service_url,
        "IDENTITY_ENDPOINT": sandbox.endpoints.identity_url,
        "IDENTITY_HEADER": seed.IDENTITY_HEADER,
        "SSL_CERT_FILE": str(trust.bundle),
        "NO_PROXY": "localhost,127.0.0.1",
    }
