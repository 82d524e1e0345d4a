"""What a configured value has to look like, in a variable and in the policy file alike.

Each check returns the value or raises ValueError, whose words complete "must be …".
"""

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

_SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)
_CRON_FIELDS = 5
_SETTING = re.compile(r"[\w.:-]{1,256}", re.ASCII)


def is_guid(text: str) -> bool:
    """Say whether a text is a GUID as Azure writes them."""
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def guid(text: str) -> str:
    if not is_guid(text):
        raise ValueError("a GUID")
    return text.lower()


def is_person(text: str) -> bool:
    """Say whether a text could stand for a person: an email or an Entra object id."""
    return "@" in text or is_guid(text)


def role(text: str) -> str:
    """Return the GUID of a role definition, which may be given by its full id."""
    named = text.rstrip("/").rsplit("/", 1)[-1]
    if not is_guid(named):
        raise ValueError("a role definition's GUID or full id")
    return named.lower()


def https_url(text: str) -> str:
    """Return an address without its last slash; a password in it would end up in logs."""
    try:
        parts = urlsplit(text)
        usable = parts.scheme == "https" and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.username or parts.query or parts.fragment:
        raise ValueError("an address like https://example.com")
    return text.rstrip("/")


def setting_name(text: str) -> str:
    if not _SETTING.fullmatch(text):
        raise ValueError("the name of an app setting")
    return text


def cron(text: str) -> str:
    """Check a cron expression of five fields; a sixth would mean seconds."""
    words = " ".join(text.split())
    try:
        next(CronSim(words, _SOME_DAY))
    except (CronSimError, StopIteration):
        words = ""
    if len(words.split()) != _CRON_FIELDS:
        raise ValueError("a cron expression of five fields that comes due, like 0 3 1 * *")
    return words


def timezone(text: str) -> str:
    """Check the IANA name of a time zone."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("the name of a time zone, like Europe/Berlin") from None
    return text
