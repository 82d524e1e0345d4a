"""The role assignment in Azure that a grant holds a lease on."""

from dataclasses import dataclass
from uuid import UUID, uuid5

_NAMESPACE = UUID("5d1c1f0e-2f0b-5c7a-9a43-6c1f8f6f0a11")


@dataclass(frozen=True, slots=True)
class Assignment:
    """One role for one principal at one scope; ``id`` follows from the three.

    ``scope`` is an ARM resource id without a trailing slash, ``role`` the GUID of the role
    definition. ARM compares all of them without regard to case, so the id does too.
    """

    scope: str
    principal_id: str
    role: str

    @property
    def id(self) -> str:
        triple = f"{self.scope}|{self.principal_id}|{self.role}"
        return str(uuid5(_NAMESPACE, triple.lower()))
