"""What is wrong between variables, each of which may be right."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from bot.transport.clouds import BOT_CLOUDS
from bot.transport.service_urls import ServiceUrls
from config.certificates import is_certificate_file
from domain.secrets import other_vault
from services import values, variables

_CREDENTIALS = (
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_FEDERATED_TOKEN_FILE",
)


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
    faults.extend(_two_tables(given))
    faults.extend(_nameless_vault(given))
    faults.extend(_half_an_identity(given))
    faults.extend(_unusable_certificates(given))
    faults.extend(_half_a_dependent(given))
    faults.extend(_half_a_drill(given))
    faults.extend(_local_origin(given, local=local))
    if "MicrosoftAppId" not in given:
        if not local:
            faults.append(
                "MicrosoftAppId: is required unless LATCHKEY_LOCAL is 1; without it nobody is "
                "authenticated, and the bot listens on the loopback interface alone"
            )
        return faults
    faults.extend(_foreign_connector(given))
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


def _two_tables(given: Mapping[str, str]) -> list[str]:
    """Report two places for the state: grants of the one that isn't used would never end."""
    both = ("AZURE_STORAGE_CONNECTION_STRING", "AZURE_TABLES_ENDPOINT")
    if not all(name in given for name in both):
        return []
    return [f"{both[1]}: can't be combined with {both[0]}: remove the one that isn't to be used"]


def _local_origin(given: Mapping[str, str], *, local: bool) -> list[str]:
    """Report a public address without TLS: a code in it could be read on its way."""
    if local or not given.get("PUBLIC_URL", "").lower().startswith("http://"):
        return []
    return ["PUBLIC_URL: must be an https address (http only with LATCHKEY_LOCAL=1)"]


def _half_an_identity(given: Mapping[str, str]) -> list[str]:
    """Report what is missing for an app registration, in whose place nothing else is used."""
    credential = next((name for name in _CREDENTIALS if name in given), None)
    if credential is None:
        return []
    return _together(given, ("AZURE_TENANT_ID", "AZURE_CLIENT_ID"), credential)


def _unusable_certificates(given: Mapping[str, str]) -> list[str]:
    """Report files that don't have a certificate and its key."""
    faults = []
    if path := given.get("AZURE_CLIENT_CERTIFICATE_PATH"):
        password = given.get("AZURE_CLIENT_CERTIFICATE_PASSWORD")
        if not is_certificate_file(path, password):
            faults.append(
                "AZURE_CLIENT_CERTIFICATE_PATH: must be a PEM or PKCS12 file with a certificate "
                "and its key, which AZURE_CLIENT_CERTIFICATE_PASSWORD opens if it has a password"
            )
    if path := given.get("SIGN_IN_CERTIFICATE_PATH"):
        if "SIGN_IN_CLIENT_SECRET" in given:
            faults.append("SIGN_IN_CERTIFICATE_PATH: can't be combined with SIGN_IN_CLIENT_SECRET")
        elif not is_certificate_file(path):
            said = "must be a PEM file with a certificate and its key"
            faults.append(f"SIGN_IN_CERTIFICATE_PATH: {said}")
    return faults


def _foreign_connector(given: Mapping[str, str]) -> list[str]:
    """Report a connector to which nothing would be sent, since it isn't one of Teams'."""
    url, named = given.get("BOT_SERVICE_URL"), given.get("AZURE_CLOUD", "AzureCloud")
    cloud = next((one for name, one in BOT_CLOUDS.items() if name.lower() == named.lower()), None)
    if url is None or cloud is None:
        return []
    try:
        values.https_url(url)
        hosts = cloud.service_hosts | variables.hosts(given.get("BOT_SERVICE_HOSTS", ""))
    except ValueError:
        return []
    if ServiceUrls(hosts).allow(url):
        return []
    return ["BOT_SERVICE_URL: its host must be one of Teams' own, or in BOT_SERVICE_HOSTS"]


def _half_a_dependent(given: Mapping[str, str]) -> list[str]:
    """Report what is missing for a dependent: it needs both variables, and a secret to rotate."""
    both = ("DEPENDENT_APP_SERVICE_NAME", "DEPENDENT_APP_SETTING")
    set_ones = [name for name in both if name in given]
    return _together(given, (*both, "ROTATION_SECRET_NAME"), *set_ones[:1])


def _together(given: Mapping[str, str], needed: Iterable[str], *by: str) -> list[str]:
    """Report what is missing of the variables that another one needs, if that is set."""
    return [
        f"{name}: is required together with {other}"
        for other in by
        for name in needed
        if name not in given
    ]


def _half_a_drill(given: Mapping[str, str]) -> list[str]:
    """Report what is missing for drills: they need a secret and a principal."""
    both, every = ("DRILL_SECRET", "DRILL_PRINCIPAL_ID"), "DRILL_SCHEDULE"
    set_ones = [name for name in (*both, every) if name in given]
    return _together(given, both, *set_ones[:1])
