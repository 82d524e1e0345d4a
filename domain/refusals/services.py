"""What a service's fault means for the person who waits."""

from domain.refusals.refusal import Refusal


class ServiceUnavailable(Refusal):
    code = "service_unavailable"

    def __init__(self, service: str, correlation_id: str) -> None:
        super().__init__(service=service, correlation_id=correlation_id)


class ServiceRefused(Refusal):
    code = "service_refused"

    def __init__(self, service: str, correlation_id: str) -> None:
        super().__init__(service=service, correlation_id=correlation_id)


class NotFinished(Refusal):
    """A service didn't respond in the middle of a turn that had changed nothing."""

    code = "not_finished"

    def __init__(self, service: str, correlation_id: str) -> None:
        super().__init__(service=service, correlation_id=correlation_id)


class NotKnownIfDone(Refusal):
    """A service didn't respond, and what the turn was about may have been done."""

    code = "not_known_if_done"

    def __init__(self, service: str, correlation_id: str) -> None:
        super().__init__(service=service, correlation_id=correlation_id)


class BotNotPermitted(Refusal):
    code = "bot_not_permitted"

    def __init__(self, service: str, correlation_id: str) -> None:
        super().__init__(service=service, correlation_id=correlation_id)
