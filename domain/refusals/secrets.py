"""Which secrets can't be requested, and why."""

from domain.reasons import Reason
from domain.refusals.refusal import Refusal, echoed


class NotASecretName(Refusal):
    code = "not_a_secret_name"


class SecretOfAnotherVault(Refusal):
    code = "secret_of_another_vault"

    def __init__(self, secret: str, theirs: str, ours: str) -> None:
        super().__init__(secret=echoed(secret), theirs=theirs, ours=ours)


class NotRequestable(Refusal):
    code = "not_requestable"
    blocks = True

    def __init__(self, secret: str) -> None:
        super().__init__(secret=secret)


class UnknownSecret(Refusal):
    code = "unknown_secret"

    def __init__(self, secret: str, vault: str) -> None:
        super().__init__(secret=secret, vault=vault)


class DisabledSecret(Refusal):
    code = "disabled_secret"

    def __init__(self, secret: str, vault: str) -> None:
        super().__init__(secret=secret, vault=vault)


class CouldNotEnd(Refusal):
    """Access that couldn't be revoked again, or that would open nothing, is not requested."""

    code = "could_not_end"

    def __init__(self, why: Reason) -> None:
        super().__init__(why)
