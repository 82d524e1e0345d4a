"""Why a rotation isn't started, approved, retried or abandoned."""

from collections.abc import Sequence

from domain.people import Person
from domain.refusals.refusal import Refusal


class UnknownRotation(Refusal):
    code = "unknown_rotation"


class NotRotatable(Refusal):
    code = "not_rotatable"

    def __init__(self, secret: str) -> None:
        super().__init__(secret=secret)


class RotationUnderWay(Refusal):
    code = "rotation_under_way"

    def __init__(self, secret: str, rotation_id: str) -> None:
        super().__init__(secret=secret, rotation_id=rotation_id)


class NobodyCanAgree(Refusal):
    code = "nobody_can_agree"

    def __init__(self, secret: str) -> None:
        super().__init__(secret=secret)


class OwnRotation(Refusal):
    code = "own_rotation"


class MayNotAgree(Refusal):
    code = "may_not_agree"

    def __init__(self, admins: Sequence[Person]) -> None:
        super().__init__(admins=tuple(person.name for person in admins))


class RotationNoLongerPending(Refusal):
    code = "rotation_no_longer_pending"

    def __init__(self, state: str) -> None:
        super().__init__(state=str(state))


class RotationRulesChanged(Refusal):
    code = "rotation_rules_changed"

    def __init__(self, secret: str) -> None:
        super().__init__(secret=secret)


class PlanOutdated(Refusal):
    code = "plan_outdated"

    def __init__(self, secret: str) -> None:
        super().__init__(secret=secret)


class NothingToRetry(Refusal):
    code = "nothing_to_retry"

    def __init__(self, state: str) -> None:
        super().__init__(state=str(state))


class NothingToAbandon(Refusal):
    code = "nothing_to_abandon"

    def __init__(self, state: str) -> None:
        super().__init__(state=str(state))


class AbandonWithoutReason(Refusal):
    code = "abandon_without_reason"

    def __init__(self, rotation_id: str) -> None:
        super().__init__(rotation_id=rotation_id)
