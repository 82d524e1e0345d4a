"""What a service's fault means for the person who waits."""

from domain.refusals.refusal import Refusal


class _OfService(Refusal):
    """A service's fault; the correlation ID leads an admin to it in the log."""

    def __init__(self, service: str, correlation_id: str) -> None:
        super().__init__(service=service, correlation_id=correlation_id)


class ServiceUnavailable(_OfService):
    code = "service_unavailable"


class ServiceRefused(_OfService):
    code = "service_refused"


class NotFinished(_OfService):
    """A service didn't respond in the middle of a turn that had changed nothing."""

    code = "not_finished"


class NotKnownIfDone(_OfService):
    """A service didn't respond, and what the turn was about may have been done."""

    code = "not_known_if_done"


class BotNotPermitted(_OfService):
    code = "bot_not_permitted"
