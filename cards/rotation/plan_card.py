"""The plan of a rotation: the current state, and what a rotation would do."""

from dataclasses import replace
from datetime import datetime

from microsoft_teams.cards import Action, CardElement, Container, ExecuteAction

from cards.kit import text, verbs
from cards.kit.elements import (
    Content,
    Field,
    caption,
    card,
    fields,
    header,
    paragraph,
    rich_text,
    run,
)
from cards.kit.sentences import sentence
from cards.kit.times import age, duration, utc
from cards.kit.tone import Tone
from cards.languages.texts import say
from cards.rotation.dependents import label_of, noun_of
from cards.rotation.plan_steps import planned_steps
from cards.rotation.wording import (
    and_more,
    note_of,
    secret_in,
)
from domain.people import Principals
from domain.phrases import mark
from domain.reasons import Reason
from domain.rotation.expiry import ExpiryFrom
from domain.rotation.plan import PlannedDependent, PlannedVersion, RotationPlan
from domain.rotation.rotation import Shape

_CHANGES = {
    Shape.ABSENT: mark("No such {noun} yet: the {noun} is added with the new value"),
    Shape.LITERAL: mark("Contains the current value itself: it is replaced by the new value"),
    Shape.REFERENCE: mark("Key Vault reference to the current version: the app re-resolves it"),
    Shape.PINNED: mark(
        "Key Vault reference, pinned to one version: it is pinned to the new version"
    ),
}
_EXPIRIES = {
    ExpiryFrom.POLICY: mark("{at}, in {age}: max_age from the policy"),
    ExpiryFrom.PREDECESSOR: mark("{at}, in {age}: valid for as long as the current version"),
}
_NO_DATE = {
    ExpiryFrom.NOTHING: mark("never, like the current version"),
    ExpiryFrom.CREDENTIAL: mark("when the new credential expires"),
}
_MOST_DEPENDENTS = 12
_MOST_FAULTS = 5


def plan_card(plan: RotationPlan, *, confirm: str | None) -> Content:
    """Draw a plan; ``confirm`` is the id of the rotation that the reader can start from it.

    A blocked plan can't be started, so it has no buttons.
    """
    status, tone = _status(plan, confirm)
    body: list[CardElement] = [
        header(say("Rotation plan"), status, tone),
        rich_text(
            sentence(
                "{secret}, as found on {at}. Nothing has been changed.",
                secret=secret_in(plan.secret, plan.vault_name),
                at=utc(plan.at),
            )
        ),
        *(_fault(fault) for fault in plan.faults[:_MOST_FAULTS]),
        *fields(_facts(plan)),
        *_notes(plan),
        *_dependents(plan),
        *planned_steps(plan),
    ]
    return card(body, _buttons(plan, confirm) if confirm and not plan.is_blocked else [])


def _status(plan: RotationPlan, confirm: str | None) -> tuple[str, Tone]:
    if plan.is_blocked:
        return say("It would stop: fix the marked errors first"), Tone.BAD
    if confirm:
        return say("Rotate this secret?"), Tone.WARNING
    return say("What a rotation would do"), Tone.INFO


def _whole(reason: Reason) -> str:
    """Return a sentence with its full stop."""
    shown = note_of(reason)
    return shown if shown.endswith((".", "…")) else f"{shown}."


def _of_setting(reason: Reason) -> Reason:
    """Return why a rotation would stop at a setting, below the setting's name."""
    if "subject" not in reason.params:
        return reason
    return replace(reason, params={**reason.params, "subject": say("The setting")})


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
        *_version(plan),
        Field(say("New version expires"), _expiry(plan)),
        Field(say("New value"), note_of(plan.issuer)),
        *([Field(say("Rotated part"), text.line(str(plan.part)))] if plan.part else []),
        Field(say("Old version is disabled after"), duration(plan.overlap)),
    ]
    if plan.approvers:
        admins = text.approvers_of(Principals(plan.approvers, plan.admin_groups))
        facts.append(Field(say("Another admin has to approve"), admins))
    return facts


def _version(plan: RotationPlan) -> list[Field]:
    version = plan.old
    if version is None:
        return [Field(say("Current version"), say("not known"))]
    created = version.created_at
    return [
        Field(say("Current version"), _state(version, plan.at)),
        Field(say("Created"), utc(created) if created else say("not known")),
        Field(say("Expires"), _current_expiry(version, plan.at)),
    ]


def _state(version: PlannedVersion, now: datetime) -> str:
    name = text.short_version(version.id)
    if version.created_at is None:
        if version.enabled:
            return say("{version}, enabled, of unknown age", version=name)
        return say("{version}, disabled, of unknown age", version=name)
    old = age(now - version.created_at)
    if version.enabled:
        return say("{version}, enabled, {age} old", version=name, age=old)
    return say("{version}, disabled, {age} old", version=name, age=old)


def _current_expiry(version: PlannedVersion, now: datetime) -> str:
    at = version.expires_at
    if at is None:
        return say("never")
    if at <= now:
        return say("{at}, already expired", at=utc(at))
    return say("{at}, in {age}", at=utc(at), age=age(at - now))


def _expiry(plan: RotationPlan) -> str:
    at, source = plan.expiry.at, plan.expiry.source
    if at is None:
        is_known = plan.old and not plan.old.expires_at
        if is_known or source is ExpiryFrom.CREDENTIAL:
            return say(_NO_DATE[source])
        return say("not known")
    return say(_EXPIRIES[source], at=utc(at), age=age(at - plan.at))


def _dependents(plan: RotationPlan) -> list[CardElement]:
    """Draw the dependents, those that would stop the rotation first."""
    if not plan.dependents:
        return [caption(say("No app setting depends on it."), "Large")]
    ordered = sorted(plan.dependents, key=lambda each: not each.fault)
    more = len(ordered) - _MOST_DEPENDENTS
    return [
        caption(say("Dependents"), "Large"),
        *(_dependent(each) for each in ordered[:_MOST_DEPENDENTS]),
        *([caption(and_more(more), "Small")] if more > 0 else []),
    ]


def _dependent(planned: PlannedDependent) -> CardElement:
    dependent = planned.dependent
    name: list[CardElement] = [
        paragraph(
            run(text.id_of(str(dependent.app)), bold=True),
            run(f"  {label_of(dependent)}", mono=True, size="Small"),
        )
    ]
    if planned.fault:
        name.append(paragraph(run(_whole(_of_setting(planned.fault))), spacing="None"))
        return Container(style=Tone.BAD.value, spacing="Small", items=name)
    status = _change(planned)
    return Container(
        spacing="Small",
        items=[*name, paragraph(run(status, size="Small", subtle=True), spacing="None")],
    )


def _change(planned: PlannedDependent) -> str:
    if planned.shape is None:
        return say("Not compared: the secret's current version couldn't be read")
    change = say(_CHANGES[planned.shape], noun=noun_of(planned.dependent))
    if planned.dependent.health_url:
        return say("{change}; then its health URL is checked", change=change)
    return change


def _buttons(plan: RotationPlan, confirm: str) -> list[Action]:
    data = {verbs.ROTATION: confirm, verbs.SECRET: text.id_of(plan.secret)}
    return [
        ExecuteAction(
            title=say("Rotate"),
            verb=verbs.ROTATION_CONFIRM,
            data=data | {verbs.RULES: plan.rules},
            style="positive",
        ),
        ExecuteAction(title=say("Cancel"), verb=verbs.ROTATION_CANCEL, data=data),
    ]
