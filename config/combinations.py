"""What is wrong between variables, each of which may be right."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from domain.secrets import other_vault
from services import values


def faults_between(given: Mapping[str, str]) -> list[str]:
    """Return the errors in combinations of variables."""
    faults = []
    local = given.get("LATCHKEY_LOCAL", "").lower() in {"1", "true"}

    def either(one: str, other: str) -> None:
        if one not in given and other not in given:
            faults.append(f"{one}: is required (or {other} instead)")

    either("KEY_VAULT_NAME", "KEY_VAULT_URL")
    faults.extend(_two_vaults(given))
    either("AZURE_STORAGE_CONNECTION_STRING", "AZURE_TABLES_ENDPOINT")
    faults.extend(_nameless_vault(given))
    faults.extend(_half_a_dependent(given))
    faults.extend(_half_a_drill(given))
    faults.extend(_local_origin(given, local=local))
    if "SIGN_IN_CLIENT_SECRET" in given and "SIGN_IN_CERTIFICATE_PATH" in given:
        faults.append("SIGN_IN_CERTIFICATE_PATH: can't be combined with SIGN_IN_CLIENT_SECRET")
    if "MicrosoftAppId" not in given:
        if not local:
            faults.append(
                "MicrosoftAppId: is required unless LATCHKEY_LOCAL is 1; without it nobody is "
                "authenticated, and the bot listens on the loopback interface alone"
            )
        return faults
    if "ADMIN_TEAMS_CHANNEL_ID" not in given:
        faults.append("ADMIN_TEAMS_CHANNEL_ID: is required in Teams; it is the audit channel")
    either("MicrosoftAppTenantId", "AZURE_TENANT_ID")
    managed = given.get("MicrosoftAppType", "").lower() == "userassignedmsi"
    if not managed and "MicrosoftAppPassword" not in given:
        faults.append(
            "MicrosoftAppPassword: is required unless MicrosoftAppType is UserAssignedMSI"
        )
    return faults


def _nameless_vault(given: Mapping[str, str]) -> list[str]:
    """Report a vault address without a name, if it doesn't contain the name for the resource ID."""
    if "KEY_VAULT_NAME" in given:
        return []
    try:
        host = urlsplit(given.get("KEY_VAULT_URL", "")).hostname or ""
    except ValueError:
        host = ""
    if not host or values.is_vault_name(host.split(".")[0]):
        return []
    return ["KEY_VAULT_NAME: is required because KEY_VAULT_URL doesn't start with a vault's name"]


def _two_vaults(given: Mapping[str, str]) -> list[str]:
    """Report a name and an address of different vaults: a grant would open the wrong one."""
    name, url = given.get("KEY_VAULT_NAME"), given.get("KEY_VAULT_URL")
    if not name or not url or not (other := other_vault(name, url)):
        return []
    return [f"KEY_VAULT_URL: is the address of {other}, not of the vault in KEY_VAULT_NAME"]


def _local_origin(given: Mapping[str, str], *, local: bool) -> list[str]:
    """Report a public address without TLS: a code in it could be read on its way."""
    if local or not given.get("PUBLIC_URL", "").lower().startswith("http://"):
        return []
    return ["PUBLIC_URL: must be an https address (http only with LATCHKEY_LOCAL=1)"]


def _half_a_dependent(given: Mapping[str, str]) -> list[str]:
    """Report the missing variable of a dependent, which needs both."""
    both = ("DEPENDENT_APP_SERVICE_NAME", "DEPENDENT_APP_SETTING")
    missing = [name for name in both if name not in given]
    other = {name: both[1 - number] for number, name in enumerate(both)}
    return [
        f"{name}: is required together with {other[name]}" for name in missing if len(missing) == 1
    ]


def _half_a_drill(given: Mapping[str, str]) -> list[str]:
    """Report what is missing for drills: they need a secret and a principal."""
    both, every = ("DRILL_SECRET", "DRILL_PRINCIPAL_ID"), "DRILL_SCHEDULE"
    set_ones = [name for name in (*both, every) if name in given]
    return [
        f"{name}: is required together with {set_ones[0]}"
        for name in both
        if set_ones and name not in given
    ]
