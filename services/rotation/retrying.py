"""Which errors of a step are temporary, and for how long each of them is retried."""

from datetime import timedelta
from http import HTTPStatus

from domain.reasons import Reason
from domain.rotation.changes import FailureDetails
from services.faults import Fault, NotPermitted, Rejected
from services.rotation.dependents.kind import AppBusy
from services.rotation.fault_reasons import BLOCKS_NETWORK
from services.rotation.step import Drift, NotYet

RIGHTS_SPREAD = timedelta(minutes=10)
"""How long a new role assignment may take to reach every service.

https://learn.microsoft.com/azure/role-based-access-control/troubleshooting
"""

BUSY = timedelta(minutes=10)
"""How long an app may be busy with another operation, such as a slot swap."""


def is_final(fault: Fault) -> bool:
    """Say whether retrying is pointless."""
    return isinstance(fault, Drift | Rejected) or (
        isinstance(fault, NotPermitted) and not _may_be_new(fault)
    )


def patience_with(fault: Fault) -> timedelta | None:
    """Return for how long to retry after a fault, in any number of tries; None to count tries."""
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
    """Return what is known of a fault besides its reason: the service's answer."""
    while_trying = None
    if isinstance(fault, NotPermitted) and _may_be_new(fault):
        answer = {"service": fault.service, "cause": fault.cause}
        while_trying = Reason("service_not_permitted_yet", answer)
    return FailureDetails(status=fault.status, code=fault.code, while_trying=while_trying)


def _may_be_new(fault: NotPermitted) -> bool:
    """Say whether the missing permission may have been granted a moment ago."""
    forbidden = fault.status in {None, HTTPStatus.FORBIDDEN}
    return forbidden and fault.code not in BLOCKS_NETWORK
