"""Which faults of a step pass by themselves, and for how long each of them is waited out."""

from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

from domain.reasons import Param, Reason
from domain.rotation.changes import FailureDetails
from services.faults import Fault, NotPermitted, Rejected
from services.rotation.dependents.kind import AppBusy
from services.rotation.step import Drift, NotYet

RIGHTS_SPREAD = timedelta(minutes=10)
"""How long a new role assignment may take until every service knows of it.

https://learn.microsoft.com/azure/role-based-access-control/troubleshooting
"""

BUSY = timedelta(minutes=10)
"""How long an app may be busy with somebody else's operation, such as a swap of slots."""

# Key Vault's words for a network that it does not let in: no role assignment changes that.
_NOT_ABOUT_RIGHTS = frozenset({"ForbiddenByFirewall", "ForbiddenByConnection"})


def is_final(fault: Fault) -> bool:
    """Say whether trying again is of no use."""
    return isinstance(fault, Drift | Rejected) or (
        isinstance(fault, NotPermitted) and not _may_be_new(fault)
    )


def patience_with(fault: Fault) -> timedelta | None:
    """Return how long a fault is waited out, however often it is met; None to count its tries."""
    match fault:
        case NotYet():
            return fault.patience
        case AppBusy():
            return BUSY
        case NotPermitted() if _may_be_new(fault):
            return RIGHTS_SPREAD
        case _:
            return None


def details_of(fault: Fault) -> FailureDetails:
    """Return what is known of a fault besides its reason: the answer that it was read from."""
    while_trying = None
    if isinstance(fault, NotPermitted) and _may_be_new(fault):
        answer = {"service": fault.service, "cause": fault.cause}
        while_trying = Reason("service_not_permitted_yet", answer)
    return FailureDetails(status=fault.status, code=fault.code, while_trying=while_trying)


def _may_be_new(fault: NotPermitted) -> bool:
    """Say whether the right that is missing may have been given a moment ago."""
    forbidden = fault.status in {None, HTTPStatus.FORBIDDEN}
    return forbidden and fault.code not in _NOT_ABOUT_RIGHTS


def reason_of(fault: Fault) -> Reason:
    """Return what went wrong, for whoever reads the card."""
    if fault.reason:
        return replace(fault.reason, params={"subject": fault.service, **fault.reason.params})
    answer: dict[str, Param] = {"service": fault.service, "cause": fault.cause}
    if isinstance(fault, NotPermitted):
        return Reason("service_not_permitted", answer)
    return Reason("service_failed", answer)
