"""Requests for several secrets: three over two assignments, and ten with long names."""

from dataclasses import replace
from datetime import timedelta

from domain.access.assignment import End
from domain.access.request import Request
from domain.access.transitions import break_glass, ends, extensions
from domain.access.transitions import changes as change
from domain.access.transitions.approvers import Today, follow_rules
from domain.access.transitions.opened import note_opened
from domain.people import Person
from domain.reasons import Reason
from domain.refusals.requests import OfSeveral
from domain.refusals.secrets import NotRequestable
from domain.workflow import Change, Event
from tests.cards.scenarios import (
    ADA,
    DANA,
    HOUR,
    STUCK_CAUSE,
    VAULT_ID,
    a_request,
    a_target,
    last,
    minutes,
)

APART_ID = VAULT_ID.replace("kv-demo", "kv-payments-westeurope")
LONG = tuple(
    f"checkout-{place}-payment-provider-api-key-of-the-{use}-integration"
    for place in ("production", "staging", "acceptance", "development", "demo")
    for use in ("primary", "fallback")
)

THREE = a_request(
    min_approvals=2,
    targets=(
        a_target("demo-api-key", secret_scope=f"{VAULT_ID}/secrets/demo-api-key"),
        a_target("app-api-key", rotate_after=True, rotation_waits=timedelta(minutes=10)),
        a_target(
            "payments-api-key",
            vault="kv-payments-westeurope",
            vault_url="https://kv-payments-westeurope.vault.azure.net/",
            scope=f"{APART_ID}/secrets/payments-api-key",
            exposes=1,
        ),
    ),
)
LESS = change.approve(THREE, ADA, minutes(3), left_out=("app-api-key",)).head
TEN = a_request(targets=tuple(a_target(name) for name in LONG))
TEN_ALONE = replace(
    TEN,
    targets=tuple(
        replace(one, scope=f"{VAULT_ID}/secrets/{one.secret}", exposes=1) for one in TEN.targets
    ),
)

GONE = [End(shared=False, found=True)] * 2
GIVEN_UP = Reason(
    "assignment_not_made_in_time", {"within": 600.0, "secrets": ("payments-api-key",)}
)


def _other_approvers() -> Change[Request]:
    now_asked = Today(approvers=(*LESS.terms.approvers, Person("cy", "Cy Careful")))
    changed = follow_rules(LESS, now_asked, minutes(4))
    assert changed
    return changed


def approved(request: Request) -> Request:
    first = request if request.approvals else change.approve(request, ADA, minutes(3)).head
    if first.grant:
        return first
    return change.approve(first, replace(ADA, object_id="bo", name="Bo Backup"), minutes(4)).head


def active(request: Request) -> Request:
    return change.grant(approved(request), minutes(5), minutes(5)).head


def revoking(request: Request) -> Request:
    return change.end(active(request), minutes(95)).head


def stuck(request: Request) -> Request:
    cause = f"payments-api-key: {STUCK_CAUSE}"
    return change.try_again(revoking(request), cause, minutes(101), jitter=0.5).head


def missing(request: Request) -> Request:
    return change.close_missing(active(request), request.assignments[-1], minutes(45)).head


def blocked() -> tuple[Request, Event]:
    names = ("demo-api-key", "root-password", "tax-office-login")
    reasons = {name: NotRequestable(name) for name in names[1:]}
    targets = tuple(a_target(name, role="", scope="", exposes=None) for name in names)
    return last(change.block(a_request(targets=targets), OfSeveral(reasons)))


def one_opened() -> Request:
    """Give up a grant of which one assignment existed from its first attempt on."""
    made = {THREE.assignments[0]: minutes(5)}
    tried = note_opened(approved(THREE), made, minutes(5))
    return change.give_up(tried, GIVEN_UP, minutes(14)).head


REQUESTS_OF_SEVERAL: dict[str, Request] = {
    "three, pending": THREE,
    "three, one of two": change.approve(THREE, ADA, minutes(3)).head,
    "three, one of two, one left out": LESS,
    "three, active, one left out": active(LESS),
    "three, granting": approved(THREE),
    "three, active": active(THREE),
    "three, tidying up": change.give_up(approved(THREE), GIVEN_UP, minutes(14)).head,
    "three, stuck": stuck(THREE),
    "three, revoked": change.revoke(revoking(THREE), GONE, minutes(96)).head,
    "three, blocked": blocked()[0],
    "three, failed, one opened": change.revoke(one_opened(), GONE, minutes(15)).head,
    "ten, pending": TEN,
    "ten alone, pending": TEN_ALONE,
    "ten, active": active(TEN),
}

EVENTS_OF_SEVERAL: dict[str, tuple[Request, Event]] = {
    "three, requested": last(change.submit(THREE)),
    "three, blocked": blocked(),
    "three, granted": last(change.grant(approved(THREE), minutes(5), minutes(5))),
    "three, approved, one left out": last(
        change.approve(THREE, ADA, minutes(3), left_out=("app-api-key",))
    ),
    "three, requested, one left out": (LESS, change.submit(THREE).events[-1]),
    "three, granted, one left out": last(change.grant(approved(LESS), minutes(5), minutes(5))),
    "three, approvers changed, one left out": last(_other_approvers()),
    "three, gave up": last(change.give_up(approved(THREE), GIVEN_UP, minutes(14))),
    "three, revoked": last(change.revoke(revoking(THREE), GONE, minutes(96))),
    "three, revoked, one shared": last(
        change.revoke(
            revoking(THREE),
            [End(shared=True, found=True), End(shared=False, found=True)],
            minutes(96),
        )
    ),
    "three, revoked, all shared": last(
        change.revoke(revoking(THREE), [End(shared=True, found=True)] * 2, minutes(96))
    ),
    "three, revoked, never granted": last(
        change.revoke(
            change.end_early(approved(THREE), DANA, minutes(5)).head,
            [End(shared=False, found=False)] * 2,
            minutes(6),
        )
    ),
    "three, failed, one opened": last(change.revoke(one_opened(), GONE, minutes(15))),
    "three, failed, one opened for a moment": last(change.revoke(one_opened(), GONE, minutes(5))),
    "three, failed, one opened and kept": last(
        change.revoke(one_opened(), [End(shared=True, found=True), GONE[0]], minutes(15))
    ),
    "three, vanished": last(
        change.close_missing(active(THREE), THREE.assignments[-1], minutes(45))
    ),
    "three, revoked, out of band": last(change.revoke(missing(THREE), GONE, minutes(46))),
    "three, stuck": last(
        change.try_again(
            revoking(THREE), f"payments-api-key: {STUCK_CAUSE}", minutes(101), jitter=0.5
        )
    ),
    "three, broke glass": last(break_glass.take(THREE, ())),
    "ten, requested": last(change.submit(TEN)),
    "ten alone, granted": last(change.grant(approved(TEN_ALONE), minutes(5), minutes(5))),
    "ten, expires soon": last(ends.warn(active(TEN), minutes(80))),
    "ten, extension asked": last(extensions.ask_extension(active(TEN), DANA, HOUR, minutes(81))),
}
