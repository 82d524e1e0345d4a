"""The duties that the configuration names people and groups for."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from domain.phrases import Phrase, phrase


class Duty(StrEnum):
    APPROVER = "approver"
    ESCALATION = "escalation"
    REQUESTER = "requester"
    ON_BEHALF = "on_behalf"
    BREAK_GLASS = "break_glass"
    AUTO_APPROVAL = "auto_approval"
    ADMIN = "admin"


def named(duties: Sequence[Duty]) -> list[Phrase]:
    """Name duties at the beginning of a line."""
    first, *others = duties
    return [_FIRST[first], *(_LATER[one] for one in others)]


_FIRST: Mapping[Duty, Phrase] = {
    Duty.APPROVER: phrase("Approver"),
    Duty.ESCALATION: phrase("Escalation"),
    Duty.REQUESTER: phrase("Requester"),
    Duty.ON_BEHALF: phrase("On-behalf"),
    Duty.BREAK_GLASS: phrase("Break-glass"),
    Duty.AUTO_APPROVAL: phrase("Auto-approval"),
    Duty.ADMIN: phrase("Admin"),
}
_LATER: Mapping[Duty, Phrase] = {
    Duty.APPROVER: phrase("approver"),
    Duty.ESCALATION: phrase("escalation"),
    Duty.REQUESTER: phrase("requester"),
    Duty.ON_BEHALF: phrase("on-behalf"),
    Duty.BREAK_GLASS: phrase("break-glass"),
    Duty.AUTO_APPROVAL: phrase("auto-approval"),
    Duty.ADMIN: phrase("admin"),
}
