"""The steps of a planned rotation: what each would do."""

from microsoft_teams.cards import CardElement, Column, ColumnSet

from cards.kit import text
from cards.kit.elements import caption, paragraph, run
from cards.kit.times import duration
from cards.languages.texts import say
from cards.rotation.dependents import count_dependents
from cards.rotation.wording import step_title
from domain.rotation.plan import RotationPlan
from domain.rotation.rotation import Shape, Step

_RESTARTS = frozenset({Shape.ABSENT, Shape.LITERAL, Shape.PINNED})
"""Changes to the settings themselves, which restart an app; a refresh doesn't."""


def planned_steps(plan: RotationPlan) -> list[CardElement]:
    """Draw what each step would do."""
    return [
        caption(say("Steps"), "Large"),
        *(_step(number, *each) for number, each in enumerate(_purposes(plan), start=1)),
        caption(
            say(
                "If a step fails, everything is undone: the old value is restored as a new "
                "version, and every setting as it was."
            ),
            "Medium",
        ),
    ]


def _purposes(plan: RotationPlan) -> list[tuple[Step, str]]:
    return [
        (
            Step.CAPTURE,
            say("Record the current version, and how each setting uses the secret"),
        ),
        (Step.ISSUE, say("Create the new value")),
        (Step.WRITE, _written(plan)),
        (Step.PROPAGATE, _propagated(plan)),
        (Step.VERIFY, _verified(plan)),
        (Step.RETIRE, _retired(plan)),
    ]


def _propagated(plan: RotationPlan) -> str:
    if not plan.dependents:
        return say("No settings to change")
    settings = _settings(plan)
    return say("Update {settings}; {restarts}", settings=settings, restarts=_restarts(plan))


def _verified(plan: RotationPlan) -> str:
    if not plan.dependents:
        return say("Read back the secret")
    return say("Read back the secret and {settings}", settings=_settings(plan))


def _retired(plan: RotationPlan) -> str:
    overlap = duration(plan.overlap)
    if plan.old is None:
        return say("After {overlap}, disable the old version", overlap=overlap)
    old = text.short_version(plan.old.id)
    return say("After {overlap}, disable version {version}", overlap=overlap, version=old)


def _settings(plan: RotationPlan) -> str:
    return count_dependents(each.dependent for each in plan.dependents)


def _written(plan: RotationPlan) -> str:
    if plan.part is None:
        return say("Store it as a new version")
    return say("Insert it into the current value, and store that as a new version")


def _restarts(plan: RotationPlan) -> str:
    """Say which apps restart: those with changed settings, not those that only re-resolve."""
    if any(each.shape is None for each in plan.dependents):
        return say("apps whose settings change restart")
    apps = {each.dependent.app for each in plan.dependents}
    changed = {each.dependent.app for each in plan.dependents if each.shape in _RESTARTS}
    if not changed:
        return say("no app restarts")
    if changed == apps:
        return say("the app restarts") if len(apps) == 1 else say("the apps restart")
    if len(changed) == 1:
        return say("{app} restarts", app=text.id_of(str(changed.pop())))
    return say("{count} of {all} apps restart", count=len(changed), all=len(apps))


def _step(number: int, step: Step, purpose: str) -> ColumnSet:
    return ColumnSet(
        spacing="Small",
        columns=[
            Column(width="24px", items=[paragraph(run(f"{number}.", subtle=True))]),
            Column(
                width="stretch",
                items=[
                    paragraph(
                        run(step_title(step), bold=True),
                        run(f"  {purpose}", size="Small", subtle=True),
                    )
                ],
            ),
        ],
    )
