"""Checks of values that only variables have.

Each check returns the value or raises ValueError with a text that completes "must be …". The text
quotes a value only if its shape shows that it isn't a misplaced credential.
"""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from domain.access.rules.policy import ScopeKind
from domain.retention.retention import LEAST_DAYS
from domain.secrets import SecretValue, is_secret_name
from services import values
from services.clouds import CLOUDS

APP_TYPES = ("SingleTenant", "UserAssignedMSI", "MultiTenant")
LANGUAGES = ("en", "de")
LOG_FORMATS = ("text", "json")
_OTHER_SERVICES = ("blob", "queue", "file", "dfs", "web")
"""A storage account's other services, as the second label of its host names."""
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::[0-9]{1,5})?", re.ASCII)
_DOMAIN = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*", re.ASCII)
_MOST_LABEL = 60
_LEAST_TOKEN = 32
_CHANNEL = "a channel ID, like 19:…@thread.tacv2"
_TEAM = "the team's GUID, which follows groupId= in the link to the channel"


def json_list(text: str) -> list[str]:
    try:
        names = json.loads(text)
    except (ValueError, RecursionError):
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError('a JSON list of names, like ["demo-api-key"]')
    if unusable := [name for name in names if not is_secret_name(name)]:
        raise ValueError(f"names of secrets, unlike {', '.join(map(repr, unusable))}")
    return names


def people(text: str) -> list[str]:
    """Read a list of people and groups; semicolons, as Outlook writes them, are rejected."""
    words = "emails, Entra object IDs or group:Name, separated by commas"
    names = [name.strip() for name in text.split(",") if name.strip()]
    wrong = [number for number, name in enumerate(names, start=1) if not values.is_principal(name)]
    if names and not wrong:
        return names
    if ";" in text:
        raise ValueError(f"{words}, not semicolons")
    if len(names) > 1:
        raise ValueError(f"{words}; entry {wrong[0]} is none of them")
    raise ValueError(words)


def hosts(text: str) -> frozenset[str]:
    """Read hosts as they are compared: the port is only written if it isn't the usual one."""
    named = [host.strip().lower().removesuffix(":443") for host in text.split(",") if host.strip()]
    if not all(map(_HOST.fullmatch, named)):
        raise ValueError("host or host:port, separated by commas, without https://")
    return frozenset(named)


def domain(text: str) -> str:
    """Read a domain as it follows a name; Azure's CLI writes it with a dot before it."""
    named = text.lower().removeprefix(".")
    if not _DOMAIN.fullmatch(named):
        raise ValueError("a domain, like vault.azure.net")
    return named


def scope(text: str) -> str:
    """Read the scope of a token; the Bot Framework's own setting names the resource alone."""
    return text if text.endswith("/.default") else f"{text.rstrip('/')}/.default"


def issuer(text: str) -> str:
    """Check an issuer's address, which tokens name exactly as it is, with a slash at its end."""
    values.https_url(text)
    return text


def switch(text: str) -> bool:
    try:
        return {"1": True, "true": True, "0": False, "false": False}[text.lower()]
    except KeyError:
        raise ValueError("1 or 0") from None


def port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise ValueError("a port number from 1 to 65535")
    return int(text)


def origin(text: str) -> str:
    """Check the address by which browsers reach the bot: https, or http on this machine."""
    address = text.rstrip("/")
    is_local = re.fullmatch(r"http://(localhost|127\.0\.0\.1)(:[0-9]{1,5})?", address, re.ASCII)
    if not is_local and urlsplit(values.https_url(text)).path:
        raise ValueError("an address without a path, like https://latchkey.contoso.com")
    return address


def positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 1_000_000:
        raise ValueError("a number above 0 and below 1,000,000")
    return number


def tables_endpoint(text: str) -> str:
    """Check that an address isn't the account's endpoint for something else, such as blobs."""
    address = values.https_url(text)
    if other := _other_service(address):
        account = (urlsplit(address).hostname or "").replace(f".{other}.", ".table.", 1)
        raise ValueError(f"the address for tables, not for {_plural(other)}: https://{account}")
    return address


def container(text: str) -> str:
    """Check that an address is that of a container, and not of its account."""
    address = values.https_url(text)
    if not urlsplit(address).path.strip("/"):
        raise ValueError("the address of a container: https://ACCOUNT.blob.core.windows.net/NAME")
    return address


def retention_days(text: str) -> int:
    """Read how long to keep what ended; 0 for ever."""
    days = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1
    if days != 0 and days < LEAST_DAYS:
        raise ValueError(f"a number of days from {LEAST_DAYS} on, or 0 to keep everything")
    return days


def connection_string(text: str) -> str:
    """Check for what the tables SDK needs; UseDevelopmentStorage means Azurite."""
    parts = [part.partition("=") for part in text.rstrip(";").split(";")]
    given = {name.lower(): value for name, _, value in parts if value}
    enough = (
        {"usedevelopmentstorage"},
        {"accountname", "accountkey"},
        {"accountname", "sharedaccesssignature"},
        {"tableendpoint", "sharedaccesssignature"},
    )
    tables = given.get("tableendpoint", "")
    if "blobendpoint" in given and not tables:
        raise ValueError(
            "a connection string for tables: this one has a BlobEndpoint but no TableEndpoint"
        )
    if other := _other_service(tables):
        raise ValueError(
            f"a connection string for tables: its TableEndpoint is for {_plural(other)}"
        )
    if len(given) < len(parts) or not any(names <= given.keys() for names in enough):
        raise ValueError(
            "a connection string with an AccountName and an AccountKey, "
            "or with a SharedAccessSignature"
        )
    if given.get("usedevelopmentstorage", "true").lower() != "true":
        raise ValueError("a connection string; UseDevelopmentStorage can only be true in it")
    if not _is_base64(given.get("accountkey", "")):
        raise ValueError("a connection string whose AccountKey is the whole key, in Base64")
    if tables and not _is_address(tables):
        raise ValueError("a connection string whose TableEndpoint is an address with https://")
    return text


def telemetry(text: str) -> str:
    parts = [part.partition("=") for part in text.rstrip(";").split(";")]
    given = {name.lower(): value for name, _, value in parts}
    if not values.is_guid(given.get("instrumentationkey", "")):
        raise ValueError("a connection string with an InstrumentationKey")
    if not all(name and value and "=" not in value for name, _, value in parts):
        raise ValueError("a connection string of parts like Name=value, separated by semicolons")
    if not all(map(_is_address, (given[name] for name in given if name.endswith("endpoint")))):
        raise ValueError("a connection string whose endpoints are addresses with https://")
    return text.rstrip(";")


def metrics_token(text: str) -> SecretValue:
    """Check that a token can be sent in a header, and not be guessed."""
    if text.lower().startswith("@microsoft.keyvault("):
        raise ValueError("the token itself: App Service hasn't resolved its Key Vault reference")
    if len(text) < _LEAST_TOKEN or not re.fullmatch(r"[A-Za-z0-9._~+/-]+=*", text):
        raise ValueError(
            f"a random text of at least {_LEAST_TOKEN} letters and digits, as from "
            "openssl rand -hex 32"
        )
    return SecretValue(text)


def team_id(text: str) -> str:
    """Check a team's Entra ID, which isn't the ID of its Teams conversations."""
    if values.is_guid(text):
        return text.lower()
    if unquote(text).startswith("19:"):
        raise ValueError(f"{_TEAM}; this is a channel ID")
    raise ValueError(_TEAM)


def channel_id(text: str) -> str:
    """Check a channel ID; for one copied from a link, the error shows how to write it."""
    if _is_channel_id(text):
        return text
    if values.is_guid(text):
        raise ValueError(f"{_CHANNEL}; this is a GUID, as ADMIN_TEAMS_GROUP_ID takes")
    decoded = unquote(unquote(text))
    for candidate in (decoded, *decoded.split("/")):
        meant = candidate.partition(";messageid=")[0].partition("?")[0].strip()
        if _is_channel_id(meant):
            raise ValueError(f"{_CHANNEL}; this looks copied from a link: use {meant}")
    raise ValueError(_CHANNEL)


def app_type(text: str) -> str:
    return _one_of(text, APP_TYPES)


def language(text: str) -> str:
    return _one_of(text, LANGUAGES)


def log_format(text: str) -> str:
    return _one_of(text, LOG_FORMATS)


def cloud(text: str) -> str:
    return _one_of(text, CLOUDS)


def scope_kind(text: str) -> ScopeKind:
    try:
        return ScopeKind(text.lower())
    except ValueError:
        raise ValueError("vault or secret") from None


def secret_name(text: str) -> str:
    if not is_secret_name(text):
        raise ValueError("the name of a secret")
    return text


def app_and_slot(text: str) -> str:
    labels = text.split("/")
    if len(labels) > 2 or not all(map(_is_label, labels)):
        raise ValueError("the name of an App Service, or app/slot")
    return text


def _is_label(text: str) -> bool:
    characters = text.replace("-", "a")
    return len(text) <= _MOST_LABEL and characters.isascii() and characters.isalnum()


def _is_base64(text: str) -> bool:
    try:
        return b64encode(b64decode(text, validate=True)).decode() == text
    except ValueError:
        return False


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"https", "http"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _one_of(text: str, known: Iterable[str]) -> str:
    for each in known:
        if text.lower() == each.lower():
            return each
    raise ValueError(f"one of {', '.join(known)}")


def _is_channel_id(text: str) -> bool:
    rest = text.removeprefix("19:")
    usual = rest.translate(str.maketrans("", "", "-_@.:"))
    return rest != text and usual.isascii() and usual.isalnum()


def _other_service(address: str) -> str | None:
    """Return which other storage service an address is for, or None for tables."""
    try:
        labels = (urlsplit(address).hostname or "").split(".")
    except ValueError:
        return None
    return labels[1] if len(labels) > 2 and labels[1] in _OTHER_SERVICES else None


def _plural(service: str) -> str:
    return {"dfs": "Data Lake files", "web": "web pages"}.get(service, f"{service}s")
