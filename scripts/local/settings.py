"""The local bot's environment: everything in it points to the sandbox."""

import json
from collections.abc import Mapping
from pathlib import Path

from sandbox import seed
from scripts import paths
from scripts.local import azurite
from scripts.local.playground import Window
from scripts.local.ports import Ports

# Variables that would point the bot outside the sandbox if inherited from the person's shell.
_FOREIGN = (
    *("AZURE_", "KEY_VAULT_", "MICROSOFT", "IDENTITY_", "MSI_", "APPLICATIONINSIGHTS_"),
    *("PUBLIC_URL", "SIGN_IN_", "DRILL_", "LOG_ANALYTICS_", "ARCHIVE_"),
)
# Python's output is read line by line, and local servers talk to each other without a proxy.
_COMMON = {"PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", "NO_PROXY": "localhost,127.0.0.1"}

RULES = paths.ROOT / "scripts" / "local" / "rules.toml"
"""The policy file of the local bot."""


def common(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the person's environment without anything about their own Azure."""
    own = {
        name: value for name, value in environment.items() if not name.upper().startswith(_FOREIGN)
    }
    return {**own, **_COMMON}


def of_bot(ports: Ports, audit: Window, sandbox_directory: Path) -> dict[str, str]:
    """Return the bot's variables; `audit` is the window that has the audit channel."""
    sandbox = f"https://localhost:{ports.sandbox}"
    authority = str(sandbox_directory / "ca.pem")
    return {
        "LATCHKEY_LOCAL": "1",
        "HOST": "127.0.0.1",
        "PORT": str(ports.bot),
        "KEY_VAULT_NAME": seed.VAULT,
        "KEY_VAULT_URL": sandbox,
        "AZURE_CLIENT_ID": seed.BOT.client_id,
        "AZURE_TENANT_ID": seed.TENANT_ID,
        "AZURE_SUBSCRIPTION_ID": seed.SUBSCRIPTION_ID,
        "AZURE_RESOURCE_GROUP": seed.RESOURCE_GROUP,
        "ALLOWED_SECRETS": json.dumps([seed.DEMO_API_KEY, seed.APP_API_KEY, seed.OLD_API_KEY]),
        "MIN_ACCESS_MINUTES": "0.25",  # short enough to watch access expire
        "SECRET_APPROVER_EMAIL": seed.AVERY.mail,
        "ADMIN_USERS": seed.AVERY.mail,
        "ADMIN_TEAMS_GROUP_ID": audit.group_id,
        "ADMIN_TEAMS_CHANNEL_ID": audit.channel_id,
        "ROTATION_SECRET_NAME": seed.APP_API_KEY,
        "DEPENDENT_APP_SERVICE_NAME": seed.SITE,
        "DEPENDENT_APP_SETTING": seed.LITERAL_SETTING,
        "DRILL_SECRET": seed.DRILL_SECRET,
        "DRILL_PRINCIPAL_ID": seed.CANARY.id,
        "LOG_ANALYTICS_WORKSPACE_ID": seed.WORKSPACE_ID,
        "POLICY_FILE": str(RULES),
        # The host of the redirect URI in the sandbox's Entra, where any port matches.
        "PUBLIC_URL": f"http://localhost:{ports.bot}",
        "SIGN_IN_CLIENT_ID": seed.SIGN_IN_APPLICATION.client_id,
        "AZURE_STORAGE_CONNECTION_STRING": azurite.connection_string(ports.tables),
        "AZURE_RESOURCE_MANAGER_ENDPOINT": sandbox,
        "MICROSOFT_GRAPH_ENDPOINT": sandbox,
        "AZURE_AUTHORITY_HOST": sandbox,
        "AZURE_LOG_ANALYTICS_ENDPOINT": sandbox,
        "IDENTITY_ENDPOINT": f"http://127.0.0.1:{ports.identity}/msi/token",
        "IDENTITY_HEADER": seed.IDENTITY_HEADER,
        "SSL_CERT_FILE": authority,
        "REQUESTS_CA_BUNDLE": authority,  # requests doesn't read the other
    }
