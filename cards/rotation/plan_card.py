"""The plan of a rotation: the current state, and what a rotation would do."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from microsoft_teams.cards import Action, CardElement, Column, ColumnSet, Container, ExecuteAction

from cards.kit import text, verbs
from cards.kit.elements import (
    Content,
    Field,
    Named,
    caption,
    card,
    fields,
    header,
    paragraph,
    rich_text,
    run,
)
from cards.kit.times import age, utc
from cards.kit.tone import Tone
from cards.rotation.wording import note_of, short_version
from domain.durations import format_duration
from domain.people import Principals
from domain.reasons import Reason
from domain.rotation.expiry import ExpiryFrom
from domain.rotation.plan import PlannedDependent, PlannedVersion, RotationPlan
from domain.rotation.rotation import Shape, Step

_SHAPES = {
    Shape.ABSENT: "No such {noun} yet",
    Shape.LITERAL: "Contains the current value itself",
    Shape.REFERENCE: "Key Vault reference to the current version",
    Shape.PINNED: "Key Vault reference, pinned to one version",
}
_CHANGES = {
    Shape.ABSENT: "the {noun} is added with the new value",
    Shape.LITERAL: "it is replaced by the new value",
    Shape.REFERENCE: "the app re-resolves it",
    Shape.PINNED: "it is pinned to the new version",
}
_RESTARTS = frozenset({Shape.ABSENT, Shape.LITERAL, Shape.PINNED})
"""Changes to the settings themselves, which restart an app; a refresh doesn't."""

_SOURCES = {
    ExpiryFrom.POLICY: "max_age from the policy",
    ExpiryFrom.PREDECESSOR: "valid for as long as the current version",
}
_NO_DATE = {
    ExpiryFrom.NOTHING: "never, like the current version",
    ExpiryFrom.CREDENTIAL: "when the new credential expires",
}
_MOST_DEPENDENTS = 12
_MOST_FAULTS = 5


def plan_card(plan: RotationPlan, *, confirm: str | None) -> Content:
    """Draw a plan; ``confirm`` is the id of the rotation that the reader can start from it.

    A blocked plan can't be started, so it has no buttons.
    """
    status, tone = _status(plan, confirm)
    body: list[CardElement] = [
        header("Rotation plan", status, tone),
        rich_text(
            (
                Named(text.id_of(plan.secret)),
                " in ",
                Named(text.id_of(plan.vault_name)),
                f", as found on {utc(plan.at)}. Nothing has been changed.",
            )
        ),
        *(_fault(fault) for fault in plan.faults[:_MOST_FAULTS]),
        *fields(_facts(plan)),
        *_notes(plan),
        *_dependents(plan),
        *_steps(plan),
    ]
    return card(body, _buttons(plan, confirm) if confirm and not plan.is_blocked else [])


def _status(plan: RotationPlan, confirm: str | None) -> tuple[str, Tone]:
    if plan.is_blocked:
        return "It would stop: fix the marked errors first", Tone.BAD
    if confirm:
        return "Rotate this secret?", Tone.WARNING
    return "What a rotation would do", Tone.INFO


def _whole(reason: Reason) -> str:
    """Return a sentence with its full stop."""
    shown = note_of(reason)
    return shown if shown.endswith((".", "…")) else f"{shown}."


def _of_setting(reason: Reason) -> Reason:
    """Return why a rotation would stop at a setting, below the setting's name."""
    if "subject" not in reason.params:
        return reason
    return replace(reason, params={**reason.params, "subject": "The setting"})


def _fault(reason: Reason) -> Container:
    return Container(
        style=Tone.BAD.value,
        spacing="Medium",
        items=[paragraph(run(_whole(reason), bold=True))],
    )


def _notes(plan: RotationPlan) -> list[CardElement]:
    """Draw prominently what the rotation would mean for others."""
    if not plan.notes:
        return []
    return [
        Container(
            style=Tone.WARNING.value,
            spacing="Medium",
            items=[paragraph(run(_whole(reason))) for reason in plan.notes[:_MOST_FAULTS]],
        )
    ]


def _facts(plan: RotationPlan) -> list[Field]:
    facts = [
        *(_version(plan.old, plan) if plan.old else [Field("Current version", "not known")]),
        Field("New version expires", _expiry(plan)),
        Field("New value", note_of(plan.issuer)),
        *([Field("Rotated part", text.line(str(plan.part)))] if plan.part else []),
        Field("Old version stays valid for", format_duration(plan.overlap)),
    ]
    if plan.approvers:
        admins = text.approvers_of(Principals(plan.approvers, plan.admin_groups))
        facts.append(Field("Another admin has to approve", admins))
    return facts


def _version(version: PlannedVersion, plan: RotationPlan) -> list[Field]:
    state = "enabled" if version.enabled else "disabled"
    created, expires = version.created_at, version.expires_at
    old = f"{age(plan.at - created)} old" if created else "of unknown age"
    if expires is None:
        expiry = "never"
    elif expires <= plan.at:
        expiry = f"{utc(expires)}, already expired"
    else:
        expiry = f"{utc(expires)}, in {age(expires - plan.at)}"
    return [
        Field("Current version", f"{short_version(version.id)}, {state}, {old}"),
        Field("Created", utc(created) if created else "not known"),
        Field("Expires", expiry),
    ]


def _expiry(plan: RotationPlan) -> str:
    at, source = plan.expiry.at, plan.expiry.source
    if at is None:
        is_known = plan.old and not plan.old.expires_at
        return _NO_DATE[source] if is_known or source is ExpiryFrom.CREDENTIAL else "not known"
    return f"{utc(at)}, in {age(at - plan.at)}: {_SOURCES[source]}"


def _dependents(plan: RotationPlan) -> list[CardElement]:
    """Draw the dependents, those that would stop the rotation first."""
    if not plan.dependents:
        return [caption("No app setting depends on it.", "Large")]
    ordered = sorted(plan.dependents, key=lambda each: not each.fault)
    more = len(ordered) - _MOST_DEPENDENTS
    return [
        caption("Dependents", "Large"),
        *(_dependent(each) for each in ordered[:_MOST_DEPENDENTS]),
        *([caption(f"… and {more:,} more.", "Small")] if more > 0 else []),
    ]


def _dependent(planned: PlannedDependent) -> CardElement:
    dependent = planned.dependent
    name: list[CardElement] = [
        paragraph(
            run(text.id_of(str(dependent.app)), bold=True),
            run(f"  {text.id_of(dependent.label)}", mono=True, size="Small"),
        )
    ]
    if planned.fault:
        name.append(paragraph(run(_whole(_of_setting(planned.fault))), spacing="None"))
        return Container(style=Tone.BAD.value, spacing="Small", items=name)
    status = _sentence(planned)
    return Container(
        spacing="Small",
        items=[*name, paragraph(run(status, size="Small", subtle=True), spacing="None")],
    )


def _sentence(planned: PlannedDependent) -> str:
    if planned.shape is None:
        return "Not compared: the secret's current version couldn't be read"
    healthy = "; then its health URL is checked" if planned.dependent.health_url else ""
    sentence = f"{_SHAPES[planned.shape]}: {_CHANGES[planned.shape]}{healthy}"
    return sentence.format(noun=planned.dependent.noun)


def _steps(plan: RotationPlan) -> list[CardElement]:
    return [
        caption("Steps", "Large"),
        *(_step(number, *each) for number, each in enumerate(_purposes(plan), start=1)),
        caption(
            "If a step fails, everything is undone: the old value is restored as a new version, "
            "and every setting as it was.",
            "Medium",
        ),
    ]


def _purposes(plan: RotationPlan) -> list[tuple[Step, str]]:
    count = len(plan.dependents)
    settings = _counted(plan.dependents)
    old = f"version {short_version(plan.old.id)}" if plan.old else "the old version"
    return [
        (Step.CAPTURE, "Record the current version, and how each setting uses the secret"),
        (Step.ISSUE, "Create the new value"),
        (Step.WRITE, _written(plan)),
        (
            Step.PROPAGATE,
            f"Update {settings}; {_restarts(plan)}" if count else "No settings to change",
        ),
        (
            Step.VERIFY,
            f"Read back the secret and {settings}" if count else "Read back the secret",
        ),
        (Step.RETIRE, f"After {format_duration(plan.overlap)}, disable {old}"),
    ]


def _counted(dependents: Sequence[PlannedDependent]) -> str:
    """Count dependents by their kinds: ``2 app settings and 1 connection string``."""
    counts = Counter(each.dependent.kind.replace("_", " ") for each in dependents)
    return " and ".join(
        f"1 {noun}" if count == 1 else f"{count:,} {noun}s" for noun, count in counts.items()
    )


def _written(plan: RotationPlan) -> str:
    if plan.part is None:
        return "Store it as a new version"
    return "Insert it into the current value, and store that as a new version"


def _restarts(plan: RotationPlan) -> str:
    """Say which apps restart: those with changed settings, not those that only re-resolve."""
    if any(each.shape is None for each in plan.dependents):
        return "apps whose settings change restart"
    apps = {str(each.dependent.app) for each in plan.dependents}
    changed = {str(each.dependent.app) for each in plan.dependents if each.shape in _RESTARTS}
    if not changed:
        return "no app restarts"
    if changed == apps:
        return "the app restarts" if len(apps) == 1 else "the apps restart"
    if len(changed) == 1:
        return f"{text.id_of(changed.pop())} restarts"
    return f"{len(changed):,} of {len(apps):,} apps restart"


def _step(number: int, step: Step, purpose: str) -> ColumnSet:
    return ColumnSet(
        spacing="Small",
        columns=[
            Column(width="24px", items=[paragraph(run(f"{number}.", subtle=True))]),
            Column(
                width="stretch",
                items=[
                    paragraph(
                        run(str(step).capitalize(), bold=True),
                        run(f"  {purpose}", size="Small", subtle=True),
                    )
                ],
            ),
        ],
    )


def _buttons(plan: RotationPlan, confirm: str) -> list[Action]:
    data = {verbs.ROTATION: confirm, verbs.SECRET: text.id_of(plan.secret)}
    return [
        ExecuteAction(title="Rotate", verb=verbs.ROTATION_CONFIRM, data=data, style="positive"),
        ExecuteAction(title="Cancel", verb=verbs.ROTATION_CANCEL, data=data),
    ]
