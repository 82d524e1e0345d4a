"""Every refusal, one class each, with the sentence that a user sees.

A refusal is a value: rules return it inside a ``Decision``. Only the edge raises it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.durations import say_duration, write_duration
from domain.people import Person


class Refusal(Exception):
    """Latchkey will not do what was asked; ``sentence`` tells the person why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotASecretName(Refusal):
    def __init__(self) -> None:
        super().__init__(
            "That is not a name a secret can have: letters, digits and hyphens, at most 127."
        )


class NotRequestable(Refusal):
    def __init__(self, secret: str) -> None:
        super().__init__(
            f"{secret} cannot be requested here: it is not on the list of requestable secrets. "
            "Ask an admin if it should be."
        )


class UnknownSecret(Refusal):
    def __init__(self, secret: str, vault: str) -> None:
        super().__init__(
            f"There is no secret named {secret} in {vault}. Check the spelling, or ask its owner."
        )


class DisabledSecret(Refusal):
    def __init__(self, secret: str, vault: str) -> None:
        super().__init__(
            f"{secret} exists in {vault}, but its current version is disabled, "
            "so nobody can read it. Ask its owner to enable or renew it."
        )


class UnreadableDuration(Refusal):
    def __init__(self) -> None:
        super().__init__("I cannot read that duration. Write it like 45m, 2h, 1h30m or 1d.")


class DurationOutOfBounds(Refusal):
    def __init__(self, shortest: timedelta, longest: timedelta) -> None:
        super().__init__(
            f"Access can last from {say_duration(shortest)} to {say_duration(longest)}. "
            f"Choose a duration within that, such as {write_duration(longest)}."
        )


class JustificationMissing(Refusal):
    def __init__(self) -> None:
        super().__init__("Say why you need it: approvers decide by the justification.")


class JustificationTooLong(Refusal):
    def __init__(self, length: int, longest: int) -> None:
        super().__init__(
            f"The justification has {length:,} characters; {longest:,} is the most. "
            "Put the details in a ticket and name the ticket."
        )


class NobodyCanApprove(Refusal):
    def __init__(self, secret: str) -> None:
        super().__init__(
            f"Nobody but you could be found to approve access to {secret}, "
            "so no request was made. Ask an admin to check the approvers."
        )


class NotAnApprover(Refusal):
    def __init__(self, approvers: Sequence[Person]) -> None:
        names = ", ".join(person.name for person in approvers)
        super().__init__(f"Only its approvers can decide this request: {names}.")


class SelfApproval(Refusal):
    def __init__(self) -> None:
        super().__init__("This is your own request: someone else has to decide it.")


class AlreadyApproved(Refusal):
    def __init__(self) -> None:
        super().__init__("You have approved this already; it waits for another approver.")


class AlreadyDecided(Refusal):
    def __init__(self, outcome: str, who: str, at: datetime) -> None:
        super().__init__(f"This request was already {outcome} by {who} at {at:%H:%M} UTC.")


class NoLongerPending(Refusal):
    def __init__(self, state: str) -> None:
        super().__init__(f"This request is no longer pending: it is {state}.")


class UnknownRequest(Refusal):
    def __init__(self) -> None:
        super().__init__("I know no request of that id.")


class FormClosed(Refusal):
    def __init__(self) -> None:
        super().__init__("This form is no longer open. Type the request again to get a new one.")


class NotYourForm(Refusal):
    def __init__(self) -> None:
        super().__init__(
            "This form belongs to the person who asked for it. "
            "Type your own request to get one of yours."
        )


class ServiceUnavailable(Refusal):
    def __init__(self, service: str, correlation_id: str) -> None:
        super().__init__(
            f"{service} does not answer right now, so nothing was done. "
            f"Try again in a minute. (Correlation ID {correlation_id})"
        )


class BotNotPermitted(Refusal):
    def __init__(self, service: str, correlation_id: str) -> None:
        super().__init__(
            f"Latchkey is not permitted to ask {service} for this, so nothing was done. "
            f"Show an admin this correlation ID: {correlation_id}"
        )


class NotAnAdmin(Refusal):
    def __init__(self) -> None:
        super().__init__("Only admins can do that. Ask one of them.")


class NotRotatable(Refusal):
    def __init__(self, secret: str) -> None:
        super().__init__(f"{secret} is not set up for rotation. An admin can add it to the policy.")


class RotationUnderWay(Refusal):
    def __init__(self, secret: str, rotation_id: str) -> None:
        super().__init__(
            f"{secret} is being rotated already, under {rotation_id}. Wait until that is over."
        )


class NobodyCanAgree(Refusal):
    def __init__(self, secret: str) -> None:
        super().__init__(
            f"Nobody but you could be found to agree to a rotation of {secret}, "
            "so none was begun. Ask another admin to check who the admins are."
        )


class UnknownRotation(Refusal):
    def __init__(self) -> None:
        super().__init__("I know no rotation of that id.")


class NothingToRetry(Refusal):
    def __init__(self, state: str) -> None:
        super().__init__(f"There is nothing to retry: this rotation is {state.replace('_', ' ')}.")
