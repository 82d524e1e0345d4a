"""Checks of configured values, shared by variables and the policy file.

Each check returns the value or raises ValueError with a text that completes "must be …".
"""

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

_SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)
_CRON_FIELDS = 5
_LONGEST_VAULT = 24
_LONGEST_GROUP = 90
_LONGEST_GROUP_NAME = 256
_NOT_IN_EMAILS = frozenset('@,;:<>()[]"\\ \t\r\n')
_SETTING = re.compile(r"[\w.:-]{1,256}", re.ASCII)


def is_guid(text: str) -> bool:
    """Return whether a text is a GUID as Azure writes it."""
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def guid(text: str) -> str:
    if not is_guid(text):
        raise ValueError("a GUID")
    return text.lower()


def is_person(text: str) -> bool:
    """Return whether a text could name a person: an email or an Entra object ID."""
    if is_guid(text):
        return True
    name, _, domain = text.partition("@")
    return bool(name and domain) and not _NOT_IN_EMAILS.intersection(name + domain)


def group_in(text: str) -> str | None:
    """Return the name or object ID in ``group:…``; None if the text isn't of this form."""
    kind, colon, name = text.partition(":")
    return name.strip() if colon and kind == "group" else None


def is_principal(text: str) -> bool:
    """Return whether a text could name a person, or a group as ``group:Name`` or by its ID."""
    name = group_in(text)
    if name is None:
        return is_person(text)
    return 0 < len(name) <= _LONGEST_GROUP_NAME and name.isprintable()


def vault_name(text: str) -> str:
    """Check a vault's name by Key Vault's rule; giving its address is a common mistake."""
    if is_vault_name(text):
        return text
    label = text.partition("://")[2].partition(".")[0]
    if is_vault_name(label):
        raise ValueError(f"just the vault's name, without the rest of its address: {label}")
    raise ValueError(
        "the name of a vault: 3 to 24 letters, digits and single hyphens, "
        "starting with a letter and not ending with a hyphen"
    )


def is_vault_name(text: str) -> bool:
    """Return whether a text is a valid key vault name."""
    usual = text.replace("-", "")
    return (
        3 <= len(text) <= _LONGEST_VAULT
        and usual.isascii()
        and usual.isalnum()
        and text[0].isalpha()
        and not text.endswith("-")
        and "--" not in text
    )


def resource_group(text: str) -> str:
    usual = text.translate(str.maketrans("", "", "_-.()"))
    if not text or len(text) > _LONGEST_GROUP or text.endswith(".") or not (usual + "a").isalnum():
        raise ValueError(
            f"the name of a resource group: at most {_LONGEST_GROUP} letters, digits and _-.(), "
            "not ending with a dot"
        )
    return text


def role(text: str) -> str:
    """Return the GUID of a role definition, which may be given as its full ID."""
    named = text.rstrip("/").rsplit("/", 1)[-1]
    if not is_guid(named):
        raise ValueError("a role definition's GUID or full ID")
    return named.lower()


def https_url(text: str) -> str:
    """Return an address without its final slash; refuse passwords, which would be logged."""
    try:
        parts = urlsplit(text)
        usable = parts.scheme == "https" and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.username or parts.query or parts.fragment:
        raise ValueError("an address like https://example.com")
    return text.rstrip("/")


def vault_url(text: str) -> str:
    """Check the address of a vault; the one of a secret in it is a common mistake."""
    address = https_url(text)
    if urlsplit(address).path:
        raise ValueError("the vault's address without a path, like https://NAME.vault.azure.net")
    return address


def setting_name(text: str) -> str:
    if not _SETTING.fullmatch(text):
        raise ValueError("the name of an app setting")
    return text


def cron(text: str) -> str:
    """Check a cron expression with five fields; a sixth would mean seconds."""
    words = " ".join(text.split())
    try:
        next(CronSim(words, _SOME_DAY))
    except (CronSimError, StopIteration):
        words = ""
    if len(words.split()) != _CRON_FIELDS:
        raise ValueError("a cron expression with five fields and a next run, like 0 3 1 * *")
    return words


def timezone(text: str) -> str:
    """Check the IANA name of a time zone."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("the name of a time zone, like Europe/Berlin") from None
    return text
