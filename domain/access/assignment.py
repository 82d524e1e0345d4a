"""The role assignment in Azure that a grant holds a lease on."""

import re
from dataclasses import dataclass
from uuid import UUID, uuid5

_NAMESPACE = UUID("5d1c1f0e-2f0b-5c7a-9a43-6c1f8f6f0a11")
_OURS = re.compile(r"Latchkey (?:req|drl)-[0-9a-z-]+:")


READING_ROLES = frozenset(
    {
        "4633458b-17de-408a-b874-0445c86b69e6",
        "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
        "00482a5a-887f-4fb3-b363-3b7fe8e74483",
    }
)
"""Azure's built-in roles that can read secret values: Key Vault Secrets User, Secrets Officer and
Administrator. Source: Microsoft Learn, "Azure built-in roles for Security"."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """One role for one principal at one scope; ``id`` is derived from these three.

    ``scope`` is an ARM resource ID without a trailing slash, ``role`` the GUID of the role
    definition. ARM ignores case in all of them, and so does the ID.
    """

    scope: str
    principal_id: str
    role: str

    @property
    def id(self) -> str:
        triple = f"{self.scope}|{self.principal_id}|{self.role}"
        return str(uuid5(_NAMESPACE, triple.lower()))


@dataclass(frozen=True, slots=True)
class End:
    """How an assignment ended for one grant.

    ``shared``: another grant's lease keeps it. ``found``: it was still there; someone else can have
    removed even a shared one.
    """

    shared: bool
    found: bool


def is_described_as_ours(description: str) -> bool:
    """Return whether Latchkey wrote this description: ``Latchkey req-…: …``, or ``drl-…``."""
    return _OURS.match(description) is not None


def description_start(request_id: str) -> str:
    """Return the prefix of an assignment's description; it names the request."""
    return f"Latchkey {request_id}:"


def is_described_as(description: str, request_id: str) -> bool:
    """Return whether a description was written for this request."""
    return description.startswith(description_start(request_id))


def is_within(scope: str, other: str) -> bool:
    """Return whether an ARM scope equals or lies below another; ARM ignores case."""
    inner, outer = scope.lower(), other.rstrip("/").lower()
    return inner == outer or inner.startswith(f"{outer}/")
