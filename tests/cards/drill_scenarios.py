"""Drills in every state and their events, made with the domain's own changes."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.access.assignment import End
from domain.access.grant import AzureAnswer
from domain.access.request import Request
from domain.access.target import Target
from domain.access.transitions import changes as access
from domain.access.transitions.failures import of_refusal
from domain.drill import drill as change
from domain.drill.drill import Drill
from domain.people import Actor
from domain.workflow import Change, Event
from tests.cards.scenarios import ADA, STUCK_CAUSE, VAULT_ID, minutes

GIVEN = minutes(0) + timedelta(seconds=1.2)
EXPIRES = GIVEN + change.WINDOW
GONE = EXPIRES + timedelta(seconds=0.4)
LATE = EXPIRES + timedelta(minutes=7)

TARGET = Target(
    secret="drill-canary",
    vault="kv-demo",
    vault_url="https://kv-demo.vault.azure.net",
    role="4633458b-17de-408a-b874-0445c86b69e6",
    scope=f"{VAULT_ID}/secrets/drill-canary",
)
CANARY = Actor("", "20000000-0000-4000-8000-000000000007", "Drill")

PLANNED = change.first("drl-01jd7q3v9k", TARGET, CANARY, minutes(0), asked_by=ADA)
BEGUN = change.begin(PLANNED, minutes(0))


def _then(drill: Change[Drill], done: Change[Request], now: datetime) -> Change[Drill]:
    return change.follow(drill.head, done, now)


_ENDS = (End(shared=False, found=True),)
ACTIVE = _then(BEGUN, access.grant(BEGUN.head.access, None, GIVEN), GIVEN)
ENDING = _then(ACTIVE, access.end(ACTIVE.head.access, EXPIRES), EXPIRES)
SUCCEEDED = _then(ENDING, access.revoke(ENDING.head.access, _ENDS, GONE), GONE)

_REFUSED = access.refuse_grant(
    BEGUN.head.access,
    of_refusal(BEGUN.head.access, BEGUN.head.access.assignments[0]),
    GIVEN,
    AzureAnswer(403, "RequestDisallowedByPolicy"),
)
REFUSED = _then(BEGUN, _REFUSED, GIVEN)

_TRIED = replace(ENDING.head.access, cause=STUCK_CAUSE, attempt=12)
STUCK = _then(ENDING, access.raise_alarm(_TRIED, LATE), LATE)
FAILED_LATE = _then(STUCK, access.revoke(STUCK.head.access, _ENDS, LATE), LATE)
CLOSED = _then(STUCK, access.close(STUCK.head.access, ADA, "The vault is gone", LATE), LATE)
GONE_BEFORE = _then(
    ENDING,
    access.revoke(ENDING.head.access, (End(shared=False, found=False),), GONE),
    GONE,
)
SHARED = _then(
    ENDING,
    access.revoke(ENDING.head.access, (End(shared=True, found=True),), GONE),
    GONE,
)

DRILLS: dict[str, Drill] = {
    "giving": BEGUN.head,
    "given": ACTIVE.head,
    "ending": ENDING.head,
    "succeeded": SUCCEEDED.head,
    "scheduled": replace(SUCCEEDED.head, asked_by=None),
    "refused": REFUSED.head,
    "stuck": STUCK.head,
    "late": FAILED_LATE.head,
    "closed": CLOSED.head,
    "gone before": GONE_BEFORE.head,
    "shared": SHARED.head,
}

DRILL_EVENTS: dict[str, tuple[Drill, Event]] = {
    "begun": (BEGUN.head, BEGUN.events[0]),
    "succeeded": (SUCCEEDED.head, SUCCEEDED.events[-1]),
    "succeeded again": (
        replace(SUCCEEDED.head, after_failure=True, asked_by=None),
        SUCCEEDED.events[-1],
    ),
    "refused": (REFUSED.head, REFUSED.events[-1]),
    "late": (FAILED_LATE.head, FAILED_LATE.events[-1]),
    "gone before": (GONE_BEFORE.head, GONE_BEFORE.events[-1]),
    "closed": (CLOSED.head, CLOSED.events[0]),
    "stuck": (STUCK.head, STUCK.events[0]),
}
