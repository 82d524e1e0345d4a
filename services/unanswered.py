"""What people are told when a service that something depends on doesn't answer."""

import logging

from domain.refusals.people import DirectoryNotPermitted, DirectoryUnavailable
from domain.refusals.refusal import Refusal
from domain.refusals.services import (
    BotNotPermitted,
    NotFinished,
    NotKnownIfDone,
    ServiceRefused,
    ServiceUnavailable,
)
from services.faults import Fault, LookUpNotPermitted, NotPermitted, Unavailable

log = logging.getLogger(__name__)

_DIRECTORY = frozenset({"Microsoft Graph", "Teams", "the directory"})
"""What is asked about people and groups."""


def refusal_of(fault: Fault, correlation_id: str) -> Refusal:
    """Log a check's fault, and return the refusal for the person who waits."""
    log.warning("%s", fault, extra={"correlation_id": correlation_id})
    if isinstance(fault, NotPermitted | LookUpNotPermitted):
        return BotNotPermitted(fault.service, correlation_id)
    if isinstance(fault, Unavailable):
        return ServiceUnavailable(fault.service, correlation_id)
    return ServiceRefused(fault.service, correlation_id)


def refusal_of_turn(fault: Fault, correlation_id: str) -> Refusal | None:
    """Return the refusal for a whole turn; None if the fault isn't an outage.

    If the fault's outcome is unknown, what the person asked for may have been done.
    """
    if isinstance(fault, NotPermitted | LookUpNotPermitted) and not fault.outcome_unknown:
        return BotNotPermitted(fault.service, correlation_id)
    if not isinstance(fault, Unavailable) or fault.service in _OWN:
        return None
    if fault.outcome_unknown:
        return NotKnownIfDone(fault.service, correlation_id)
    return NotFinished(fault.service, correlation_id)


_OWN = frozenset({"Latchkey", "Leases"})
"""Named by faults that are nobody else's, such as a row that keeps changing."""


def about_people(fault: Fault) -> Exception:
    """Return what to raise if people or groups can't be looked up.

    That is DirectoryUnavailable only if it's the directory that doesn't answer. Something else that
    the look-up needs is named by the fault itself.
    """
    if fault.service not in _DIRECTORY:
        return fault
    if isinstance(fault, LookUpNotPermitted):
        return DirectoryNotPermitted()
    return DirectoryUnavailable()
