"""What a policy file may name: the issuers and the kinds of dependents that there are."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.rotation.dependents.kind import DependentKind
from services.rotation.issuers.issuer import IssuerKind


@dataclass(frozen=True, slots=True)
class RotationKinds:
    """All issuers and kinds of dependents, by name."""

    issuers: Mapping[str, IssuerKind]
    dependents: Mapping[str, DependentKind]
