"""One rotation per state, made with the domain's own changes; its events; and its plans."""

from dataclasses import replace
from datetime import datetime, timedelta

from cards.rotation.rotations_card import RotationRow
from domain.people import Actor
from domain.reasons import Reason, as_written
from domain.rotation import changes as change
from domain.rotation.expiry import NO_EXPIRY, ExpiryFrom, PlannedExpiry
from domain.rotation.messages import has_person_message
from domain.rotation.plan import TELLS_NOBODY, PlannedDependent, PlannedVersion, RotationPlan
from domain.rotation.remains import remains_of
from domain.rotation.rotation import (
    TRIES_BACK,
    AppSlot,
    Captured,
    Cause,
    CurrentAtEnd,
    Dependent,
    RemainingCredential,
    Rotation,
    RotationState,
    RotationTerms,
    Shape,
    Step,
    Trigger,
    WhichVersion,
)
from domain.rotation.schedule import LookFault
from domain.rotation.secret_parts import Part, PartKind
from domain.rotation.unknown import awaiting, sent_without_answer
from domain.workflow import Change, Event
from services.rotation.step import notes
from tests.cards.expiry_watch_scenarios import unwatched
from tests.cards.scenarios import ADA, BO, DANA, NOW

OLD = "3f0c1a2b4d5e4f60a1b2c3d4e5f60718"
NEW = "9d4e5f60718293a4b5c6d7e8f9a0b1c2"
ANEW = "1c7d8e9f0b1c2d3e4f5061728394a5b6"
RESTORED = "77aa88bb99cc4dd0ee11ff2233445566"

CHECKOUT = AppSlot("0000", "rg-demo", "checkout-api")
STAGING = AppSlot("0000", "rg-demo", "checkout-api", "staging")
BILLING = AppSlot("0000", "rg-demo", "billing-worker")
LITERAL = Dependent(CHECKOUT, "API_KEY", "https://checkout.example/health")
SLOT = Dependent(STAGING, "API_KEY")
PINNED = Dependent(BILLING, "UPSTREAM_KEY")
DRIFT = as_written(
    "UPSTREAM_KEY of billing-worker holds another value than the secret: it has drifted."
)
TIME_OUT = as_written(
    "checkout-api did not take the new setting: App Service did not answer in 30 seconds."
)
UNDO_REFUSED = as_written(
    "403 AuthorizationFailed: the bot may not write the settings of billing-worker"
)


def seconds(count: int) -> datetime:
    return NOW + timedelta(seconds=count)


def a_rotation(
    *,
    state: RotationState = RotationState.RUNNING,
    trigger: Trigger | None = None,
    second_admin: bool = False,
) -> Rotation:
    return Rotation(
        id="rot-01jd8b2m4t",
        state=state,
        secret="app-api-key",
        trigger=trigger or Trigger(Cause.ASKED, ADA),
        terms=RotationTerms(
            vault_name="kv-demo",
            vault_url="https://kv-demo.vault.azure.net/",
            issuer="random",
            dependents=(LITERAL, SLOT, PINNED),
            overlap=timedelta(hours=24),
            approvers=(ADA.as_person(), BO.as_person()) if second_admin else (),
        ),
        asked_at=NOW,
    )


def pending() -> Rotation:
    waiting = a_rotation(state=RotationState.PENDING, second_admin=True)
    return replace(waiting, retry_at=NOW + timedelta(hours=8))


def captured() -> Rotation:
    shapes = ((LITERAL, Shape.LITERAL), (SLOT, Shape.REFERENCE), (PINNED, Shape.PINNED))
    found = tuple(Captured(dependent, shape) for dependent, shape in shapes)
    head = replace(a_rotation(), old_version=OLD, captured=found)
    note = "Version 3f0c1a2b is current; 1 literal, 1 reference, 1 pinned reference"
    return change.finish_step(head, as_written(note), seconds(2)).head


def written() -> Rotation:
    issued = change.finish_step(captured(), as_written("64 characters of hex"), seconds(3)).head
    head = replace(issued, new_version=NEW)
    return change.finish_step(head, as_written("Version 9d4e5f60"), seconds(5)).head


def verifying() -> Rotation:
    return change.finish_step(
        written(), as_written("3 settings written and read back"), seconds(19)
    ).head


def _overlapping() -> Change[Rotation]:
    return change.finish_step(
        verifying(), as_written("The secret and 3 settings read back"), seconds(24)
    )


def _failed() -> Change[Rotation]:
    return change.fail_step(written(), TIME_OUT, seconds(40), final=True, jitter=0.5)


def _refused_for_now() -> Change[Rotation]:
    """A step that Azure refuses, as it does for a few minutes after a role assignment."""
    return change.fail_step(
        written(),
        as_written("Latchkey is not permitted to do this: App Service: 403 AuthorizationFailed"),
        seconds(40),
        final=False,
        jitter=0.5,
        patience=timedelta(minutes=10),
        details=change.FailureDetails(
            status=403,
            code="AuthorizationFailed",
            while_trying=Reason(
                "service_not_permitted_yet",
                {"service": "App Service", "cause": "403 AuthorizationFailed"},
            ),
        ),
    )


def _locked() -> Change[Rotation]:
    """A step that fails at a lock on the app."""
    return change.fail_step(
        written(),
        as_written("App Service: 409 ScopeLocked"),
        seconds(40),
        final=True,
        jitter=0.5,
        details=change.FailureDetails(status=409, code="ScopeLocked"),
    )


def _made_anew() -> Change[Rotation]:
    """A rotation that failed while the secret was deleted and recreated."""
    at_end = CurrentAtEnd(WhichVersion.OTHERS, ANEW)
    head = replace(_failed().head, was_made_anew=True, current_at_end=at_end)
    while head.state is RotationState.ROLLING_BACK:
        changed = change.undo_step(head, None, seconds(50))
        head = changed.head
    return changed


def _rolled_back() -> Change[Rotation]:
    head = change.undo_step(
        _failed().head, as_written("3 settings are as they were"), seconds(50)
    ).head
    head = replace(head, restored_version=RESTORED)
    head = change.undo_step(
        head, as_written("Old value restored as version 77aa88bb"), seconds(55)
    ).head
    head = change.undo_step(head, None, seconds(56)).head
    at_end = CurrentAtEnd(WhichVersion.RESTORED, RESTORED)
    return change.undo_step(replace(head, current_at_end=at_end), None, seconds(56))


def _drifted() -> Change[Rotation]:
    failed = change.fail_step(a_rotation(), DRIFT, seconds(2), final=True, jitter=0.5).head
    return change.undo_step(failed, None, seconds(2))


def _helpless() -> Change[Rotation]:
    return _give_up(_failed().head, UNDO_REFUSED)


def _not_retired() -> Change[Rotation]:
    return _give_up(
        _overlapping().head,
        as_written("403 ForbiddenByRbac: the bot may not disable a version"),
    )


def _credential_left() -> Change[Rotation]:
    return _give_up(
        replace(_overlapping().head, is_old_disabled=True),
        as_written("403 AuthorizationFailed: the bot may not regenerate a key"),
    )


def _hidden() -> Change[Rotation]:
    """A rotation whose late version lies on one that a person wrote."""
    found = {"subject": "Key Vault", "version": NEW, "theirs": RESTORED}
    why = Reason("late_version_on_top", found)
    return change.stop_after_look(_overlapping().head, why, seconds(400))


def _give_up(rotation: Rotation, why: Reason) -> Change[Rotation]:
    tired = replace(rotation, attempt=TRIES_BACK - 1)
    return change.fail_undo(tired, why, seconds(1_200), jitter=0.5)


def _abandoned() -> Change[Rotation]:
    helpless = _helpless().head
    left = remains_of(helpless, None, as_written("Key Vault: 404 SecretNotFound"))
    return change.abandon(helpless, BO, "The secret was purged on 2 March", left, seconds(2_000))


def _without_answer() -> Rotation:
    failed = change.fail_step(
        replace(captured(), step=Step.WRITE),
        as_written("Key Vault: 503"),
        NOW,
        final=False,
        jitter=0.5,
    )
    return awaiting(sent_without_answer(failed.head, "perform", seconds(5)))


def _with_client_secret() -> Rotation:
    rotated = change.retire(
        _overlapping().head, as_written("Version 3f0c1a2b"), seconds(86_424)
    ).head
    end = NOW + timedelta(days=700)
    remaining = (
        RemainingCredential(id="b0", name="made by hand", hint="Q8~", ends_at=end),
        RemainingCredential(id="b0000000-0000-4000-8000-000000000002"),
    )
    terms = replace(rotated.terms, issuer="app-registration")
    return replace(rotated, terms=terms, remaining=remaining)


def _for_nobody() -> Rotation:
    overlapping = _overlapping().head
    return replace(overlapping, terms=replace(overlapping.terms, dependents=()), captured=())


def _scheduled() -> Rotation:
    return a_rotation(trigger=Trigger(Cause.SCHEDULE, None, "0 3 1 * * in Europe/Berlin"))


def _after_grant() -> Rotation:
    detail = f"{DANA.name}'s access req-01jd7q3v9k ended"
    return a_rotation(trigger=Trigger(Cause.GRANT_ENDED, None, detail))


def _near_expiry() -> Rotation:
    expires_at = NOW + timedelta(days=5)
    return a_rotation(trigger=Trigger(Cause.EXPIRY, None, expires_at.isoformat()))


ROTATIONS: dict[str, Rotation] = {
    "pending": pending(),
    "just started": a_rotation(),
    "on schedule": _scheduled(),
    "near expiry": _near_expiry(),
    "near expiry, in words": a_rotation(trigger=Trigger(Cause.EXPIRY, None, "expires 05 May 2026")),
    "after a grant": _after_grant(),
    "agreed": change.approve(pending(), BO, seconds(30)).head,
    "propagating": written(),
    "trying again": change.fail_step(
        written(), TIME_OUT, seconds(40), final=False, jitter=0.5
    ).head,
    "refused for now": _refused_for_now().head,
    "locked": _locked().head,
    "made anew": _made_anew().head,
    "overlapping": _overlapping().head,
    "retiring again": replace(_overlapping().head, attempt=1, retry_at=seconds(86_430)),
    "rotated": change.retire(
        _overlapping().head, as_written("Version 3f0c1a2b"), seconds(86_424)
    ).head,
    "rolling back": _failed().head,
    "rolled back": _rolled_back().head,
    "stopped by drift": _drifted().head,
    "needs a human": _helpless().head,
    "not retired": _not_retired().head,
    "denied": change.deny(pending(), BO, seconds(30)).head,
    "lapsed": change.lapse(pending(), NOW + timedelta(hours=8)).head,
    "waiting for an answer": _without_answer(),
    "rotated with other client secrets": _with_client_secret(),
    "rotated for nobody": _for_nobody(),
    "abandoned": _abandoned().head,
    "credential left": _credential_left().head,
    "hidden version": _hidden().head,
}


def _last(changed: Change[Rotation]) -> tuple[Rotation, Event]:
    return changed.head, changed.events[-1]


ROTATION_EVENTS: dict[str, tuple[Rotation, Event]] = {
    "asked": _last(change.ask(pending())),
    "started": _last(change.start(a_rotation())),
    "started on schedule": _last(change.start(_scheduled())),
    "started near expiry": _last(change.start(_near_expiry())),
    "started after a grant": _last(change.start(_after_grant())),
    "agreed": _last(change.approve(pending(), BO, seconds(30))),
    "step failed": _last(_failed()),
    "step failed at a lock": _last(_locked()),
    "rolled back": _last(_rolled_back()),
    "made anew": _last(_made_anew()),
    "stopped by drift": _last(_drifted()),
    "overlapping": _last(_overlapping()),
    "overlap ended": _last(
        change.end_overlap(
            _overlapping().head, replace(a_rotation(), id="rot-01jd7q3v9m"), seconds(3_600)
        )
    ),
    "rotated": _last(
        change.retire(_overlapping().head, as_written("Version 3f0c1a2b"), seconds(86_424))
    ),
    "closed": _last(
        change.retire(replace(_overlapping().head, was_made_anew=True), None, seconds(86_424))
    ),
    "deleted": _last(
        change.retire(
            _overlapping().head,
            notes([Reason("old_version_gone", {"version": OLD[:8]}), Reason("no_current_version")]),
            seconds(86_424),
        )
    ),
    "needs a human": _last(_helpless()),
    "not retired": _last(_not_retired()),
    "retried": _last(change.retry(_helpless().head, BO, seconds(2_000))),
    "denied": _last(change.deny(pending(), BO, seconds(30))),
    "lapsed": _last(change.lapse(pending(), NOW + timedelta(hours=8))),
    "came late": _last(change.came_late(_rolled_back().head, NEW, seconds(400))),
    "late replaced": _last(change.replace_late(_overlapping().head, (OLD,), seconds(400))),
    "abandoned": _last(_abandoned()),
    "credential left": _last(_credential_left()),
    "hidden version": _last(_hidden()),
}

TOLD_TO_ADMIN = {
    name: scenario for name, scenario in ROTATION_EVENTS.items() if has_person_message(scenario[1])
}

STEP_EVENTS = (
    change.finish_step(a_rotation(), as_written("Version 3f0c1a2b is current"), seconds(2)).events[
        0
    ],
    change.undo_step(_failed().head, as_written("3 settings are as they were"), seconds(50)).events[
        0
    ],
    _refused_for_now().events[0],
)


TOO_MANY_TAGS = as_written(
    "app-api-key has 14 tags of its own, and Latchkey adds 2: Key Vault takes 15 in all, "
    "so remove 1."
)
NEVER = PlannedVersion(id=OLD, enabled=True, created_at=NOW - timedelta(days=92))


def a_plan(*planned: PlannedDependent) -> RotationPlan:
    return RotationPlan(
        secret="app-api-key",
        vault_name="kv-demo",
        at=NOW,
        old=PlannedVersion(
            id=OLD,
            enabled=True,
            created_at=NOW - timedelta(days=92),
            expires_at=NOW + timedelta(days=9),
        ),
        issuer="A random value: 64 characters of hex",
        dependents=planned
        or (
            PlannedDependent(LITERAL, Shape.LITERAL),
            PlannedDependent(SLOT, Shape.REFERENCE),
            PlannedDependent(PINNED, Shape.PINNED),
        ),
        overlap=timedelta(hours=24),
        expiry=PlannedExpiry(NOW + timedelta(days=90), ExpiryFrom.POLICY),
    )


PLANS: dict[str, RotationPlan] = {
    "all well": a_plan(),
    "another admin agrees": replace(a_plan(), approvers=(BO.as_person(),)),
    "nothing depends on it": replace(
        a_plan(), dependents=(), expiry=NO_EXPIRY, old=NEVER, notes=(TELLS_NOBODY,)
    ),
    "as long as before": replace(
        a_plan(), expiry=PlannedExpiry(NOW + timedelta(days=101), ExpiryFrom.PREDECESSOR)
    ),
    "a client secret": replace(a_plan(), expiry=PlannedExpiry(None, ExpiryFrom.CREDENTIAL)),
    "a part of it": replace(a_plan(), part=Part(PartKind.FIELD, "/database/password")),
    "a storage key": replace(
        a_plan(),
        issuer="storage-account (account stdemo)",
        notes=(
            Reason("key_regenerated_at_once", {"slot": "key2", "account": "stdemo"}),
            Reason("key_held_by_no_other", {"slot": "key2"}),
        ),
    ),
    "too many tags": replace(
        a_plan(),
        faults=(TOO_MANY_TAGS,),
    ),
    "a connection string": a_plan(
        PlannedDependent(LITERAL, Shape.LITERAL),
        PlannedDependent(replace(PINNED, kind="connection_string"), Shape.ABSENT),
        PlannedDependent(replace(SLOT, kind="connection_string"), Shape.REFERENCE),
    ),
    "an absent setting": a_plan(PlannedDependent(LITERAL, Shape.ABSENT)),
    "drift": a_plan(
        PlannedDependent(LITERAL, Shape.LITERAL),
        PlannedDependent(PINNED, Shape.LITERAL, DRIFT),
        PlannedDependent(SLOT, None, as_written("There is no slot staging of checkout-api.")),
    ),
    "unreadable secret": replace(
        a_plan(),
        old=None,
        expiry=NO_EXPIRY,
        faults=(as_written("The current version is disabled: nobody can read it."),),
    ),
    "expired": replace(
        a_plan(),
        old=PlannedVersion(
            id=OLD, enabled=False, created_at=None, expires_at=NOW - timedelta(hours=1)
        ),
    ),
}

ROWS = (
    RotationRow(
        secret="app-api-key",
        vault_name="kv-demo",
        last_run=NOW - timedelta(days=20),
        outcome=RotationState.ROTATED,
        rotation_id="rot-01jd8b2m4t",
        next_run=NOW + timedelta(days=10),
        current_age=timedelta(days=20, hours=3),
    ),
    RotationRow(secret="new-key", vault_name="kv-demo"),
    RotationRow(
        secret="storage-key",
        vault_name="kv-other",
        last_run=NOW - timedelta(minutes=61),
        outcome=RotationState.NEEDS_HUMAN,
        rotation_id="rot-01jd8b2m4u",
        current_age=timedelta(minutes=61),
    ),
    RotationRow(secret="old-key", vault_name="kv-demo", unwatched=unwatched(LookFault.GONE)),
)


def rotation_saying(words: str, rotation: Rotation) -> Rotation:
    """Return the same rotation with ``words`` for every text that is not Latchkey's own."""
    trigger, agreed = rotation.trigger, rotation.approved_by
    return replace(
        rotation,
        secret=words,
        trigger=replace(
            trigger,
            actor=trigger.actor and _called(words, trigger.actor),
            detail=trigger.detail and words,
        ),
        terms=replace(
            rotation.terms,
            vault_name=words,
            dependents=tuple(_named(words, each) for each in rotation.terms.dependents),
            approvers=tuple(replace(each, name=words) for each in rotation.terms.approvers),
        ),
        records=tuple(replace(record, note=as_written(words)) for record in rotation.records),
        failure=rotation.failure and as_written(words),
        old_version=rotation.old_version and words,
        new_version=rotation.new_version and words,
        approved_by=agreed and _called(words, agreed),
        abandoned_because=rotation.abandoned_because and words,
        left=tuple(as_written(words) for _ in rotation.left),
        remaining=tuple(replace(each, name=words, hint=words) for each in rotation.remaining),
    )


def plan_saying(words: str, plan: RotationPlan) -> RotationPlan:
    """Return the same plan with ``words`` for every text that is not Latchkey's own."""
    return replace(
        plan,
        secret=words,
        vault_name=words,
        issuer=words,
        part=plan.part and replace(plan.part, name=words),
        old=plan.old and replace(plan.old, id=words),
        dependents=tuple(
            replace(
                each,
                dependent=_named(words, each.dependent),
                fault=each.fault and as_written(words),
            )
            for each in plan.dependents
        ),
        approvers=tuple(replace(each, name=words) for each in plan.approvers),
        faults=tuple(as_written(words) for _ in plan.faults),
        notes=tuple(as_written(words) for _ in plan.notes),
    )


def row_saying(words: str, row: RotationRow) -> RotationRow:
    return replace(row, secret=words, vault_name=words)


def _named(words: str, dependent: Dependent) -> Dependent:
    return replace(dependent, app=replace(dependent.app, name=words), setting=words)


def _called(words: str, actor: Actor) -> Actor:
    return replace(actor, name=words)
