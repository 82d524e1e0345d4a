"""One access request per state, made with the domain's own changes, and its events."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cards.access.messages.window_messages import WINDOW_EVENTS
from domain.access.announcements import REQUESTER_EVENTS
from domain.access.assignment import End
from domain.access.background import AskedBefore, Background, OtherAccess
from domain.access.fresh_sign_in import FreshSignIn
from domain.access.grant import AzureAnswer
from domain.access.reads import LogSpan, ReadsSeen, VersionReads
from domain.access.recording_reads import record_reads
from domain.access.request import Request, RequestState
from domain.access.rules.auto_approval import AutoApproval
from domain.access.rules.hours import parse_hours
from domain.access.sign_in.refused_sign_ins import refuse_sign_in, refuse_unconfirmed
from domain.access.sign_in.step_up import confirmed
from domain.access.target import Target
from domain.access.terms import Reviewers, Terms
from domain.access.transitions import break_glass, by_rule, ends, extensions, starts, waiting
from domain.access.transitions import changes as change
from domain.access.transitions.approvers import Today, follow_rules
from domain.access.transitions.failures import of_lost_approvals
from domain.people import Actor, Group, Person, Principals
from domain.reasons import Reason
from domain.refusals.decisions import NoLongerAllowed
from domain.refusals.secrets import NotRequestable
from domain.refusals.sign_ins import SignedInAsSomeoneElse, SignInDeclined, SignInTooWeak
from domain.workflow import Change, Event

TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
NOW = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)
VAULT_ID = "/subscriptions/0000/resourceGroups/rg-demo/providers/Microsoft.KeyVault/vaults/kv-demo"

DANA = Actor(TENANT, "11111111-0000-4000-8000-000000000001", "Dana Developer")
ADA = Actor(TENANT, "22222222-0000-4000-8000-000000000002", "Ada Approver")
BO = Actor(TENANT, "33333333-0000-4000-8000-000000000003", "Bo Backup")
CY = Actor(TENANT, "44444444-0000-4000-8000-000000000004", "Cy Chief")
HOUR = timedelta(hours=1)
SEEN = ReadsSeen(
    span=LogSpan(NOW, NOW),
    versions=(
        VersionReads(
            secret="demo-api-key",
            version="0123456789abcdef0123456789abcdef",
            count=3,
            first=NOW + timedelta(minutes=4),
            last=NOW + timedelta(minutes=20),
            operations=("SecretGet",),
        ),
    ),
)


def a_request(
    *,
    min_approvals: int = 1,
    scope: str = VAULT_ID,
    exposes: int | None = 37,
    vault_url: str = "https://kv-demo.vault.azure.net/",
    requester: Actor = DANA,
    justification: str = "Smoke test of the checkout release, CHG-4711",
    approvers: tuple[Person, ...] = (ADA.as_person(), BO.as_person()),
    targets: tuple[Target, ...] = (),
) -> Request:
    return Request(
        id="req-01jd7q3v9k",
        state=RequestState.PENDING,
        requester=requester,
        targets=targets
        or (a_target("demo-api-key", scope=scope, exposes=exposes, vault_url=vault_url),),
        justification=justification,
        window=timedelta(hours=1, minutes=30),
        requested_at=NOW,
        lapses_at=NOW + timedelta(hours=8),
        terms=Terms(approvers=approvers, min_approvals=min_approvals),
    )


def a_target(secret: str, **changes: Any) -> Target:
    target = Target(
        secret=secret,
        vault="kv-demo",
        vault_url="https://kv-demo.vault.azure.net/",
        role="4633458b-17de-408a-b874-0445c86b69e6",
        scope=VAULT_ID,
        exposes=37,
    )
    return replace(target, **changes)


def blocked(**changes: Any) -> Change[Request]:
    """Build a request that the policy refused before anything about it was looked up."""
    targets = (a_target("demo-api-key", role="", scope="", exposes=None),)
    asked = replace(a_request(targets=targets, approvers=()), **changes)
    return change.block(asked, NotRequestable("demo-api-key"))


def called(words: str, targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """Return the same targets, each named by these words."""
    return tuple(replace(target, secret=words, vault=words) for target in targets)


def minutes(count: int) -> datetime:
    return NOW + timedelta(minutes=count)


def granting() -> Request:
    return change.approve(a_request(), ADA, minutes(4)).head


STARTS = minutes(180)


def planned() -> Request:
    """Build a request whose access is to start at five past five."""
    return replace(a_request(), starts_at=STARTS)


def scheduled() -> Request:
    return change.approve(planned(), ADA, minutes(4)).head


NO_LONGER_COUNTS = of_lost_approvals(["Ada Approver"])


def active() -> Request:
    return change.grant(granting(), minutes(5), minutes(5)).head


def revoking() -> Request:
    return change.end(active(), minutes(95)).head


def rotated_after(request: Request) -> Request:
    """Let its secret be rotated after its end."""
    later = replace(request.targets[0], rotate_after=True, rotation_waits=timedelta(minutes=10))
    return replace(request, targets=(later,))


def ended_early() -> Request:
    return change.end_early(active(), BO, minutes(30)).head


def ended_before_granted() -> Request:
    return change.end_early(granting(), DANA, minutes(5)).head


def given_up() -> Request:
    return change.give_up(granting(), GIVEN_UP, minutes(14)).head


GIVEN_UP = Reason("assignment_not_made_in_time", {"within": 600.0})
STUCK_CAUSE = "403 AuthorizationFailed: the client may not perform roleAssignments/delete"


LOCKED = AzureAnswer(409, "ScopeLocked")
LOCKED_CAUSE = "409 ScopeLocked: the resource group rg-demo is locked"
FORBIDDEN = AzureAnswer(403, "AuthorizationFailed")
FULL = AzureAnswer(400, "RoleAssignmentLimitExceeded")


def stuck_under_a_lock() -> Change[Request]:
    return change.try_again(revoking(), LOCKED_CAUSE, minutes(101), jitter=0.5, answer=LOCKED)


def awaiting_rights() -> Change[Request]:
    later = change.try_again(granting(), "403", minutes(5), jitter=0.5, answer=FORBIDDEN)
    return waiting.await_rights(later, minutes(5))


def awaiting_room() -> Change[Request]:
    later = change.try_again(granting(), "400", minutes(5), jitter=0.5, answer=FULL)
    return waiting.await_room(later, minutes(5))


def stuck() -> Request:
    return change.try_again(revoking(), STUCK_CAUSE, minutes(101), jitter=0.5).head


def watched() -> Request:
    assignments = ended_before_granted().assignments
    return change.watch(ended_before_granted(), assignments, minutes(7), minutes(5)).head


CLOSED_BECAUSE = "The subscription was cancelled last week."


def missing() -> Request:
    return change.close_missing(active(), active().assignments[0], minutes(45)).head


def extending() -> Request:
    return extensions.ask_extension(active(), DANA, HOUR, minutes(81)).head


def extending_by_two() -> Request:
    """Build active access whose extension needs two approvers."""
    request = active()
    request = replace(request, terms=replace(request.terms, min_approvals=2))
    return extensions.ask_extension(request, DANA, HOUR, minutes(81)).head


def allowed_by_one() -> Request:
    return extensions.allow_extension(extending_by_two(), ADA, minutes(82)).head


def escalating() -> Request:
    request = a_request()
    return replace(request, terms=replace(request.terms, escalation=(CY.as_person(),)))


BY_RULE = AutoApproval(
    table="demo-*",
    requesters=("dana@contoso.com",),
    longest=timedelta(minutes=90),
    hours=parse_hours("Mon-Fri 08:00-18:00 Europe/Berlin"),
    ticket=True,
)


def approved_by_rule() -> Change[Request]:
    return by_rule.submit(a_request(), [BY_RULE])


def active_by_rule() -> Request:
    return change.grant(approved_by_rule().head, minutes(1), minutes(1)).head


PAYMENTS = Group("70000000-0000-4000-8000-000000000001", "Payments approvers")
LEADS = Group("70000000-0000-4000-8000-000000000002", "Team leads")


def asked_of_a_group() -> Request:
    """Build a request that Ada and a large group can decide."""
    request = a_request(approvers=(ADA.as_person(),))
    deciders = (Principals((ADA.as_person(),), (PAYMENTS,)),)
    return replace(request, terms=replace(request.terms, deciders=deciders, in_channel=True))


KNOWN = Background(
    asked_before=(AskedBefore("demo-api-key", 3, 2, NOW - timedelta(days=18)),),
    other_access=(
        OtherAccess("kv-demo", ("app-api-key",), whole_vault=False, expires_at=minutes(50)),
        OtherAccess("kv-demo", ("db-password",), whole_vault=True, expires_at=minutes(70)),
    ),
)

REQUESTS: dict[str, Request] = {
    "pending": a_request(),
    "pending, known requester": replace(a_request(), background=KNOWN),
    "pending, one of two": change.approve(a_request(min_approvals=2), ADA, minutes(4)).head,
    "pending, asked of a group": asked_of_a_group(),
    "pending, starts later": planned(),
    "scheduled": scheduled(),
    "scheduled, checks put off": starts.check_again(scheduled(), "503", STARTS, jitter=0.5).head,
    "called off": change.end_early(scheduled(), BO, minutes(30)).head,
    "not started": starts.refuse_start(scheduled(), NO_LONGER_COUNTS, STARTS).head,
    "granting": granting(),
    "active": active(),
    "granting, by rule": approved_by_rule().head,
    "active, by rule": active_by_rule(),
    "active, more time asked for": extending(),
    "active, more time allowed by one of two": allowed_by_one(),
    "revoking": revoking(),
    "tidying up": given_up(),
    "removed and watched": watched(),
    "stuck": stuck(),
    "closed": change.close(stuck(), CY, CLOSED_BECAUSE, minutes(130)).head,
    "revoked": change.revoke(revoking(), [End(shared=False, found=True)], minutes(96)).head,
    "denied": change.deny(a_request(), BO, "Use the staging vault instead.", minutes(3)).head,
    "denied without a reason": change.deny(a_request(), BO, "", minutes(3)).head,
    "blocked": blocked(window=HOUR).head,
    "blocked, without a duration": blocked(window=timedelta(), justification="").head,
    "revoked, rotated after": change.revoke(
        rotated_after(revoking()), [End(shared=False, found=True)], minutes(96)
    ).head,
    "cancelled": change.cancel(a_request(), DANA, minutes(3)).head,
    "ended early": ended_early(),
    "ended before it was granted": ended_before_granted(),
    "lapsed": change.lapse(a_request(), minutes(480)).head,
    "failed": change.revoke(given_up(), [End(shared=False, found=False)], minutes(15)).head,
}


ENDABLE: dict[str, Request] = {
    "scheduled": scheduled(),
    "granting": granting(),
    "active": active(),
    "active, by rule": active_by_rule(),
    "active, rotated after": rotated_after(active()),
}


def last(changed: Change[Request]) -> tuple[Request, Event]:
    return changed.head, changed.events[-1]


def taken() -> Request:
    """Build break-glass access."""
    return break_glass.take(a_request(), ()).head


def other_approvers() -> Change[Request]:
    """Replace Bo, who gave one of the two approvals, by Cy."""
    half = change.approve(a_request(min_approvals=2), BO, minutes(4)).head
    today = Today(approvers=(ADA.as_person(), CY.as_person()), min_approvals=2)
    changed = follow_rules(half, today, minutes(6))
    assert changed is not None
    return changed


def only_admins_left() -> Change[Request]:
    """Leave the review of break-glass access to Cy, an admin."""
    cy = CY.as_person()
    today = Today(approvers=(), reviewers=Reviewers((cy,), Principals((cy,))))
    changed = follow_rules(taken(), today, minutes(6))
    assert changed is not None
    return changed


def another_group() -> Change[Request]:
    today = Today(approvers=(CY.as_person(),), deciders=(Principals((CY.as_person(),), (LEADS,)),))
    changed = follow_rules(asked_of_a_group(), today, minutes(6))
    assert changed is not None
    return changed


def too_few_approvers() -> Change[Request]:
    changed = follow_rules(
        a_request(), Today(approvers=(ADA.as_person(),), min_approvals=2), minutes(6)
    )
    assert changed is not None
    return changed


def signed_in(methods: tuple[str, ...] = (), contexts: tuple[str, ...] = ()) -> FreshSignIn:
    """Return Ada's sign-in, just before she approved."""
    return FreshSignIn(ADA.object_id, minutes(3), contexts, methods)


NOT_ALLOWED = NoLongerAllowed("demo-api-key", "Dana Developer").reason

EVENTS: dict[str, tuple[Request, Event]] = {
    "requested": last(change.submit(a_request())),
    "blocked": last(blocked(window=HOUR)),
    "requested, starts later": last(change.submit(planned())),
    "approved": last(change.approve(a_request(min_approvals=2), ADA, minutes(4))),
    "scheduled": last(change.approve(planned(), ADA, minutes(4))),
    "started": last(starts.start(scheduled(), STARTS)),
    "called off": last(change.end_early(scheduled(), BO, minutes(30))),
    "cancelled before its start": last(change.cancel(scheduled(), DANA, minutes(30))),
    "not started": last(starts.refuse_start(scheduled(), NO_LONGER_COUNTS, STARTS)),
    "approved, confirmed": last(
        confirmed(change.approve(a_request(), ADA, minutes(4)), signed_in(("pwd", "fido"), ("c1",)))
    ),
    "sign-in refused": last(
        refuse_sign_in(a_request(), ADA, "approval", SignInTooWeak(["c1"]), minutes(4))
    ),
    "sign-in refused, extension": last(
        refuse_sign_in(active(), ADA, "extension", SignedInAsSomeoneElse(), minutes(40))
    ),
    "sign-in refused, request": last(
        refuse_unconfirmed(a_request(), "request", SignInDeclined(), minutes(1))
    ),
    "approved by rule": last(approved_by_rule()),
    "granted, by rule": last(change.grant(approved_by_rule().head, minutes(1), minutes(1))),
    "extension asked, by rule": last(
        extensions.ask_extension(active_by_rule(), DANA, HOUR, minutes(81))
    ),
    "denied": last(change.deny(a_request(), BO, "Use the staging vault.", minutes(3))),
    "denied without a reason": last(change.deny(a_request(), BO, "", minutes(3))),
    "cancelled": last(change.cancel(a_request(), DANA, minutes(3))),
    "lapsed": last(change.lapse(a_request(), minutes(480))),
    "unreachable": last(change.report_unreachable(a_request(), BO.as_person(), minutes(1))),
    "not allowed now": last(waiting.note_not_allowed(a_request(), NOT_ALLOWED, minutes(60))),
    "not allowed now, an approver tried": last(
        waiting.note_not_allowed(a_request(), NOT_ALLOWED, minutes(20), ADA)
    ),
    "not allowed now, a later start": last(
        waiting.note_not_allowed(scheduled(), NOT_ALLOWED, minutes(20))
    ),
    "not allowed now, more time": last(
        waiting.note_not_allowed(extending(), NOT_ALLOWED, minutes(82), ADA)
    ),
    "granted": last(change.grant(granting(), minutes(5), minutes(5))),
    "ended": last(change.end(active(), minutes(95))),
    "ended early": last(change.end_early(active(), BO, minutes(30))),
    "ended before it was granted": last(change.end_early(granting(), DANA, minutes(5))),
    "gave up": last(change.give_up(granting(), GIVEN_UP, minutes(14))),
    "gave up, not permitted": last(change.give_up(granting(), GIVEN_UP, minutes(14), FORBIDDEN)),
    "not permitted yet": last(awaiting_rights()),
    "no room yet": last(awaiting_room()),
    "stuck under a lock": last(stuck_under_a_lock()),
    "failed under a lock": last(change.refuse_grant(granting(), GIVEN_UP, minutes(5), LOCKED)),
    "reminded": last(waiting.remind(a_request(), minutes(60))),
    "reminded, by the requester": last(waiting.remind(a_request(), minutes(20), DANA)),
    "escalated": last(waiting.escalate(escalating(), minutes(120))),
    "expires soon": last(ends.warn(active(), minutes(80))),
    "extension asked": last(extensions.ask_extension(active(), DANA, HOUR, minutes(81))),
    "extension allowed": last(extensions.allow_extension(extending_by_two(), ADA, minutes(82))),
    "extended": last(extensions.extend(extending(), ADA, HOUR, minutes(83))),
    "extension denied": last(extensions.deny_extension(extending(), ADA, minutes(83))),
    "revoked": last(change.revoke(revoking(), [End(shared=False, found=True)], minutes(96))),
    "revoked, rotated after": last(
        change.revoke(rotated_after(revoking()), [End(shared=False, found=True)], minutes(96))
    ),
    "revoked, shared": last(change.revoke(revoking(), [End(shared=True, found=True)], minutes(96))),
    "revoked, still readable": last(
        change.revoke(
            revoking(),
            [End(shared=True, found=True)],
            minutes(96),
            {
                "still_until": minutes(150).isoformat(),
                "still_by": "req-0other",
                "still_secrets": "demo-api-key",
            },
        )
    ),
    "revoked, already gone": last(
        change.revoke(revoking(), [End(shared=False, found=False)], minutes(96))
    ),
    "revoked, by a deletion without an answer": last(
        change.revoke(
            replace(revoking(), unanswered_ends=1), [End(shared=False, found=False)], minutes(96)
        )
    ),
    "vanished": last(change.close_missing(active(), active().assignments[0], minutes(45))),
    "revoked, out of band": last(
        change.revoke(missing(), [End(shared=False, found=False)], minutes(45))
    ),
    "revoked, after having been stuck": last(
        change.revoke(stuck(), [End(shared=False, found=True)], minutes(125))
    ),
    "revoked, ended early": last(
        change.revoke(ended_early(), [End(shared=False, found=True)], minutes(31))
    ),
    "revoked, never granted": last(
        change.revoke(ended_before_granted(), [End(shared=False, found=False)], minutes(6))
    ),
    "stuck": last(change.try_again(revoking(), STUCK_CAUSE, minutes(101), jitter=0.5)),
    "watched": last(
        change.watch(
            replace(ended_early(), unanswered=1), active().assignments, minutes(33), minutes(31)
        )
    ),
    "watched, nothing there": last(
        change.watch(replace(given_up(), unanswered=1), [], minutes(16), minutes(14))
    ),
    "watched, not shown yet": last(change.watch(ended_early(), [], minutes(32), minutes(31))),
    "retried": last(change.retry_now(stuck(), CY, minutes(120))),
    "closed": last(change.close(stuck(), CY, CLOSED_BECAUSE, minutes(130))),
    "failed": last(change.revoke(given_up(), [End(shared=False, found=False)], minutes(15))),
    "broke glass": last(break_glass.take(a_request(), ())),
    "review asked": last(break_glass.ask_review(taken(), minutes(1_440))),
    "approvers changed, groups": last(another_group()),
    "approvers changed": last(other_approvers()),
    "approvers changed, too few": last(too_few_approvers()),
    "approvers changed, only admins left": last(only_admins_left()),
    "reads seen": last(record_reads(REQUESTS["revoked"], SEEN, minutes(60))),
    "reviewed": last(break_glass.review(taken(), ADA, "An incident, INC0042", minutes(1_500))),
}

REQUESTER_SCENARIOS = {
    name: scenario
    for name, scenario in EVENTS.items()
    if scenario[1].kind in REQUESTER_EVENTS and scenario[1].kind not in WINDOW_EVENTS
}

ABOUT_WINDOWS = {
    name: scenario for name, scenario in EVENTS.items() if scenario[1].kind in WINDOW_EVENTS
}
