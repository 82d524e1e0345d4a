"""The sandbox's requests and answers, independent of any web framework."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from urllib.parse import parse_qs

Json: TypeAlias = dict[str, Any]
Clock: TypeAlias = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Call:
    """Hold one request, fully read."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    vault: str
    """The name of the vault whose port was called."""
    origin: str
    """The scheme, host and port that the caller used, without a trailing slash."""
    now: datetime

    def json(self) -> Json | None:
        """Return the body as a JSON object, or None if it isn't one."""
        try:
            document = json.loads(self.body)
        except ValueError:
            return None
        return document if isinstance(document, dict) else None

    def form(self) -> dict[str, str]:
        """Return the body's form fields, the first of each name."""
        fields = parse_qs(self.body.decode(errors="replace"))
        return {name: values[0] for name, values in fields.items()}

    def bearer(self) -> str | None:
        """Return the bearer token, or None if the request has none."""
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" and token.strip() else None


@dataclass(frozen=True, slots=True)
class Reply:
    """Hold one answer; a `body` of None sends no content, text is sent as is."""

    status: int = 200
    body: Json | str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


Handler: TypeAlias = Callable[..., Reply]
"""Takes the state, the call and the named groups from its route's path."""


@dataclass(frozen=True, slots=True)
class Route:
    """Map a method and a path to the function that handles them."""

    method: str
    path: re.Pattern[str]
    handler: Handler


def route(method: str, path: str, handler: Handler) -> Route:
    """Make a route; `path` is a regular expression for the whole path, ignoring case as in ARM."""
    return Route(method, re.compile(path + "/?", re.IGNORECASE), handler)
