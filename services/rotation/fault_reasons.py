"""The reason that a fault is shown and stored as."""

from dataclasses import replace

from domain.reasons import Param, Reason
from services.faults import Fault, NotPermitted

BLOCKS_NETWORK = frozenset({"ForbiddenByFirewall", "ForbiddenByConnection"})
"""Key Vault's codes for a blocked network, which no role assignment fixes."""


def reason_of(fault: Fault) -> Reason:
    """Return what went wrong, for the card."""
    if fault.reason:
        return replace(fault.reason, params={"subject": fault.service, **fault.reason.params})
    answer: dict[str, Param] = {"service": fault.service, "cause": fault.cause}
    if isinstance(fault, NotPermitted) and fault.code in BLOCKS_NETWORK:
        return Reason("service_blocks_network", answer)
    if isinstance(fault, NotPermitted):
        return Reason("service_not_permitted", answer)
    return Reason("service_failed", answer)
