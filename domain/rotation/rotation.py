"""Rotations: their states, their plan, and what comes next.

``running → overlapping → rotated``, or ``rolling_back → rolled_back``, or ``needs_human`` if the
undo itself keeps failing. From there an admin can retry it or end it as ``abandoned``. The plan
runs forward; undo runs backward from the step that failed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.people import Actor, Group, Person
from domain.reasons import Reason
from domain.rotation.secret_parts import Part
from domain.unknown_outcome import later
from domain.workflow import Done, Move, Wait

TRIES_FORWARD = 5
"""How often a step is tried before everything is rolled back."""

TRIES_BACK = 8
"""How often an undo is tried before asking a human."""

PATIENCE = timedelta(minutes=5)
"""How long a step waits for a change that Azure accepted but doesn't show yet."""

LOOK_AGAIN_AFTER = timedelta(minutes=5)
"""How long after the end to check once more for a write that got no answer."""


class RotationState(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    OVERLAPPING = "overlapping"
    ROTATED = "rotated"
    ROLLING_BACK = "rolling_back"
    ROLLED_BACK = "rolled_back"
    NEEDS_HUMAN = "needs_human"
    DENIED = "denied"
    LAPSED = "lapsed"
    ABANDONED = "abandoned"


class Step(StrEnum):
    """One stage of a rotation."""

    CAPTURE = "capture"
    ISSUE = "issue"
    WRITE = "write"
    PROPAGATE = "propagate"
    VERIFY = "verify"
    RETIRE = "retire"


PLAN = (Step.CAPTURE, Step.ISSUE, Step.WRITE, Step.PROPAGATE, Step.VERIFY)
"""The steps that run at once; ``retire`` follows after the overlap."""


class StepStatus(StrEnum):
    DONE = "done"
    FAILED = "failed"
    UNDONE = "undone"


class RotationEvent(StrEnum):
    ASKED = "rotation_asked"
    STARTED = "rotation_started"
    STEP_DONE = "step_done"
    STEP_FAILED = "step_failed"
    STEP_UNDONE = "step_undone"
    STEP_WAITS = "step_waits"
    ROLLED_BACK = "rolled_back"
    OVERLAPPING = "overlapping"
    OVERLAP_ENDED = "overlap_ended"
    ROTATED = "rotated"
    NEEDS_HUMAN = "needs_human"
    RETRIED = "retried"
    DENIED = "rotation_denied"
    LAPSED = "rotation_lapsed"
    CAME_LATE = "version_came_late"
    LATE_REPLACED = "late_version_replaced"
    ABANDONED = "rotation_abandoned"


class Cause(StrEnum):
    """Why a rotation runs."""

    ASKED = "asked"
    SCHEDULE = "schedule"
    EXPIRY = "expiry"
    GRANT_ENDED = "grant_ended"


@dataclass(frozen=True, slots=True)
class Trigger:
    """What started a rotation: the cause, and who asked (if anyone)."""

    cause: Cause
    actor: Actor | None = None
    detail: str = ""
    """The schedule, the request, or the time of the expiry; an older Latchkey added words."""

    @property
    def expires_at(self) -> datetime | None:
        """When the version that is replaced expires, if it is replaced because of that.

        None also if an older Latchkey wrote it in words.
        """
        if self.cause is not Cause.EXPIRY:
            return None
        try:
            at = datetime.fromisoformat(self.detail)
        except ValueError:
            return None
        return at if at.tzinfo else None


@dataclass(frozen=True, slots=True, eq=False)
class AppSlot:
    """An App Service, or one of its deployment slots; ``type`` is the resource's in Azure.

    Azure ignores case in names, so an app in two spellings is one app.
    """

    subscription: str
    resource_group: str
    name: str
    slot: str = ""
    type: str = "Microsoft.Web/sites"

    @property
    def id(self) -> str:
        site = (
            f"/subscriptions/{self.subscription}/resourceGroups/{self.resource_group}"
            f"/providers/{self.type}/{self.name}"
        )
        return f"{site}/slots/{self.slot}" if self.slot else site

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AppSlot) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> str:
        return self.id.lower()

    def __str__(self) -> str:
        return f"{self.name}/{self.slot}" if self.slot else self.name


_APP_SETTING = "app_setting"
"""The kind of all dependents from before there were others, and of what the variables name."""


@dataclass(frozen=True, slots=True)
class Dependent:
    """What an app has under a name, and holds a secret: an app setting, or of another kind."""

    app: AppSlot
    setting: str
    """Its name, whatever its kind."""
    health_url: str = ""
    create: bool = False
    """Whether a rotation adds it if the app doesn't have it."""
    kind: str = _APP_SETTING
    options: tuple[tuple[str, str], ...] = ()
    """The kind's own options, by name."""

    def __str__(self) -> str:
        return f"{self.app} {self.label}"

    @property
    def label(self) -> str:
        """Its name as people say it in an app: of an app setting, the name alone is enough."""
        return self.setting if self.kind == _APP_SETTING else f"{self.noun} {self.setting}"

    @property
    def noun(self) -> str:
        """What people call one of its kind in an app."""
        return "setting" if self.kind == _APP_SETTING else self.kind.replace("_", " ")


class Shape(StrEnum):
    """How a dependent's setting holds the secret."""

    ABSENT = "absent"
    LITERAL = "literal"
    REFERENCE = "reference"
    PINNED = "pinned_reference"


@dataclass(frozen=True, slots=True)
class Captured:
    """A dependent as it was found; ``text`` is kept only for references, which hold no secret."""

    dependent: Dependent
    shape: Shape
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationTerms:
    """The policy's terms when the rotation began."""

    vault_name: str
    vault_url: str
    issuer: str
    options: tuple[tuple[str, str], ...] = ()
    """The issuer's own options, by name."""
    dependents: tuple[Dependent, ...] = ()
    overlap: timedelta = timedelta(hours=24)
    max_age: timedelta | None = None
    """How long the new version is valid; None for as long as the previous one."""
    part: Part | None = None
    """The part of the value that is rotated; None for all of it."""
    approvers: tuple[Person, ...] = ()
    """Admins who are asked for the second approval; empty if none is needed."""
    admin_groups: tuple[Group, ...] = ()
    """Groups whose other members can give it too, if they are admins then."""


@dataclass(frozen=True, slots=True)
class StepRecord:
    """The outcome of one step, with a note for the card; a note never contains a value."""

    step: Step
    status: StepStatus
    at: datetime
    note: Reason | None = None


class WhichVersion(StrEnum):
    """Which version of a secret it is, as seen from a rotation."""

    OLD = "old"
    NEW = "new"
    RESTORED = "restored"
    """With the old value, as a new version."""
    OTHERS = "others"
    """Someone else wrote it."""
    NONE = "none"
    """No version can be read: the newest is disabled, or the secret was deleted."""
    UNREADABLE = "unreadable"
    """Key Vault didn't say."""


@dataclass(frozen=True, slots=True)
class CurrentAtEnd:
    """The version that was current once everything was undone; no ID if none could be read."""

    which: WhichVersion
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemainingCredential:
    """Another credential that is still valid, as listed by its issuer; no value."""

    id: str
    name: str = ""
    hint: str = ""
    """The first characters of its value, as Entra shows them."""
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """One run of the rotation plan for one secret."""

    id: str
    state: RotationState
    secret: str
    trigger: Trigger
    terms: RotationTerms
    asked_at: datetime
    asked_in: str = ""
    """The conversation it was requested in, in case the requester can't be reached privately."""
    step: Step = Step.CAPTURE
    """The step to perform or undo next."""
    records: tuple[StepRecord, ...] = ()
    old_version: str | None = None
    captured: tuple[Captured, ...] = ()
    credential: str = ""
    """The issuer's name for the new credential: a slot or a key ID, never a value."""
    old_credential: str = ""
    new_version: str | None = None
    restored_version: str | None = None
    current_at_end: CurrentAtEnd | None = None
    """What was current at the end of a rollback; None before, and where older versions ended it."""
    overlap_until: datetime | None = None
    failure: Reason | None = None
    """Why it is rolled back."""
    approved_by: Actor | None = None
    attempt: int = 0
    retry_at: datetime | None = None
    patient_until: datetime | None = None
    """Until when the current step is retried, however many tries that takes."""
    last_failure: Reason | None = None
    """Why the present step failed last, while it is tried again."""
    insisted_on: tuple[Reason, ...] = ()
    """The problems in spite of which a human told it to go on; another one stops it again."""
    was_made_anew: bool = False
    """Whether the secret was since deleted and recreated: the versions noted here are gone."""
    unknown_until: datetime | None = None
    """Until when an unanswered change may still be carried out."""
    unknown_effect: str = ""
    """The ``RotationEffect`` that sent that change."""
    look_again_at: datetime | None = None
    """When to check once more for a write that got no answer and may have landed since."""
    unanswered_looks: int = 0
    """How often that check went without an answer, in a row."""
    is_old_disabled: bool = False
    """Whether the last try to retire read back the old version as disabled, and failed then."""
    remaining: tuple[RemainingCredential, ...] = ()
    """What else is valid at the issuer, read after the old credential was retired."""
    abandoned_because: str = ""
    left: tuple[Reason, ...] = ()
    """How an abandoned rotation was left."""

    @property
    def is_over(self) -> bool:
        """Whether another rotation of the secret can begin."""
        return self.state not in _HOLDS_THE_SECRET

    def record_of(self, step: Step) -> StepRecord | None:
        """Return a step's latest outcome; None if it has none yet."""
        return next((record for record in self.records if record.step is step), None)

    @property
    def rotated_at(self) -> datetime | None:
        """When the new value was verified everywhere; None if it hasn't been."""
        verified = (
            record.at
            for record in self.records
            if record.step is Step.VERIFY and record.status is StepStatus.DONE
        )
        return next(verified, None)


_HOLDS_THE_SECRET = frozenset(
    {
        RotationState.PENDING,
        RotationState.RUNNING,
        RotationState.ROLLING_BACK,
        RotationState.NEEDS_HUMAN,
    }
)


class RotationEffect(StrEnum):
    LAPSE = "lapse"
    PERFORM = "perform"
    UNDO = "undo"
    RETIRE = "retire"
    LOOK_AGAIN = "look_again"


def next_move(rotation: Rotation, now: datetime) -> Move[RotationEffect] | Wait | Done:
    """Return what a rotation needs next."""
    match rotation.state:
        case RotationState.PENDING:
            return _at(rotation.retry_at or now, RotationEffect.LAPSE, now)
        case RotationState.RUNNING:
            return _at(rotation.retry_at or now, RotationEffect.PERFORM, now)
        case RotationState.ROLLING_BACK:
            return _at(rotation.retry_at or now, RotationEffect.UNDO, now)
        case RotationState.OVERLAPPING:
            return _next_in_overlap(rotation, now)
        case RotationState.ROLLED_BACK | RotationState.ROTATED if rotation.look_again_at:
            return _at(rotation.look_again_at, RotationEffect.LOOK_AGAIN, now)
        case _:
            return Done()


def _next_in_overlap(rotation: Rotation, now: datetime) -> Move[RotationEffect] | Wait:
    # A look whose outcome is unknown sets ``retry_at`` too, long before the overlap ends.
    due = later(rotation.retry_at, rotation.overlap_until) or now
    if rotation.look_again_at and rotation.look_again_at < due:
        return _at(rotation.look_again_at, RotationEffect.LOOK_AGAIN, now)
    return _at(due, RotationEffect.RETIRE, now)


def _at(due: datetime, effect: RotationEffect, now: datetime) -> Move[RotationEffect] | Wait:
    return Move(effect) if now >= due else Wait(due)


def step_after(step: Step) -> Step | None:
    """Return the next step of the plan; None after the last."""
    position = PLAN.index(step) + 1
    return PLAN[position] if position < len(PLAN) else None


def step_before(step: Step) -> Step | None:
    """Return the step to undo next; None before the first."""
    position = PLAN.index(step) - 1
    return PLAN[position] if position >= 0 else None
