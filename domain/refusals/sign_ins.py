"""Why a sign-in doesn't confirm what someone did."""

from collections.abc import Sequence
from datetime import timedelta

from domain.refusals.refusal import Refusal


class StepUpNeeded(Refusal):
    """A click isn't enough: the policy asks for a fresh sign-in, with these contexts."""

    code = "step_up_needed"

    def __init__(self, contexts: Sequence[str], max_age: timedelta) -> None:
        super().__init__()
        self.contexts = tuple(contexts)
        self.max_age = max_age


class SignInUnknown(Refusal):
    code = "sign_in_unknown"


class SignInExpired(Refusal):
    code = "sign_in_expired"


class SignInUsed(Refusal):
    code = "sign_in_used"


class SignInRestarted(Refusal):
    """It was started again, in another tab or by another person: only the last one counts."""

    code = "sign_in_restarted"


class SignInInAnotherBrowser(Refusal):
    code = "sign_in_in_another_browser"


class SignInDeclined(Refusal):
    code = "sign_in_declined"


class SignInFailed(Refusal):
    """Entra ended the sign-in with an error; ``error`` is its code."""

    code = "sign_in_failed"

    def __init__(self, error: str) -> None:
        super().__init__(error=error)


class SignInUnavailable(Refusal):
    code = "sign_in_unavailable"


class SignInByAnotherIssuer(Refusal):
    code = "sign_in_by_another_issuer"


class SignInOfAnotherTenant(Refusal):
    code = "sign_in_of_another_tenant"


class SignInForAnotherApp(Refusal):
    code = "sign_in_for_another_app"


class SignInTokenExpired(Refusal):
    code = "sign_in_token_expired"


class SignedInAsSomeoneElse(Refusal):
    code = "signed_in_as_someone_else"


class SignInUndated(Refusal):
    """The ID token doesn't say when the person signed in."""

    code = "sign_in_undated"


class SignInFromTheFuture(Refusal):
    code = "sign_in_from_the_future"


class SignInTooOld(Refusal):
    code = "sign_in_too_old"

    def __init__(self, max_age: timedelta) -> None:
        super().__init__(max_age=max_age.total_seconds())


class SignInTooWeak(Refusal):
    """The sign-in lacks authentication contexts that the policy names."""

    code = "sign_in_too_weak"

    def __init__(self, contexts: Sequence[str]) -> None:
        super().__init__(contexts=tuple(contexts))
