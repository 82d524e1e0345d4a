"""What people are told when a service that a check depends on doesn't answer."""

import logging

from domain import refusals
from services.faults import Fault, NotPermitted

log = logging.getLogger(__name__)


def refusal_of(fault: Fault, correlation_id: str) -> refusals.Refusal:
    """Log a fault, and return the refusal for the person who waits."""
    log.warning("%s", fault, extra={"correlation_id": correlation_id})
    if isinstance(fault, NotPermitted):
        return refusals.BotNotPermitted(fault.service, correlation_id)
    return refusals.ServiceUnavailable(fault.service, correlation_id)
