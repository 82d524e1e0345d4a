"""How long a service asks callers to wait."""

import re
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(r"\d{1,9}(\.\d*)?")


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Read from an answer's headers how long the service asks to wait.

    A date counts from the answer's own ``Date``: the service's clock, not ours.
    Sources: RFC 9110, 10.2.3; the ``-ms`` headers are Azure's own.
    """
    headers = {name.lower(): value for name, value in headers.items()}
    for name in ("retry-after-ms", "x-ms-retry-after-ms"):
        if _SECONDS.fullmatch(headers.get(name, "")):
            return timedelta(milliseconds=float(headers[name]))
    value = headers.get("retry-after", "")
    if _SECONDS.fullmatch(value):
        return timedelta(seconds=float(value))
    try:
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("date", ""))
    except (TypeError, ValueError):
        return None
    return max(wait, timedelta())
