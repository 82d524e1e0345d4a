"""Every refusal, one class each, with the sentence that a user sees.

A refusal is a value: rules return it inside a ``Decision``. Only the edge raises it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from domain.durations import format_duration, write_duration
from domain.names import listed
from domain.people import Person

_LONGEST_ECHO = 127  # what Key Vault allows a secret's name


class Refusal(Exception):
    """Latchkey will not do what was asked; ``sentence`` tells the person why."""

    blocks: bool = False
    """Whether it is the policy's no to a person: such an attempt is recorded and announced."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class OfSeveral(Refusal):
    """One answer about some of the secrets that were asked for at once; none is requested then."""

    def __init__(self, reasons: Mapping[str, Refusal]) -> None:
        """Take the reason for each secret at fault, by its name as it was typed."""
        names = {secret: secret[:_LONGEST_ECHO] for secret in reasons}
        said = dict.fromkeys(
            reason.sentence if secret in reason.sentence else f"{names[secret]}: {reason.sentence}"
            for secret, reason in reasons.items()
        )
        first = f"Nothing was requested, because of {listed(list(names.values()))}."
        super().__init__("\n".join([first, *said]))
        self.blocks = any(reason.blocks for reason in reasons.values())


class NotASecretName(Refusal):
    def __init__(self) -> None:
        super().__init__(
            "That is not a name a secret can have: letters, digits and hyphens, at most 127."
        )


class SecretOfAnotherVault(Refusal):
    def __init__(self, secret: str, theirs: str, ours: str) -> None:
        name = secret[:_LONGEST_ECHO]
        super().__init__(
            f"That address is in the vault {theirs}. Here {name} means the secret of that name in "
            f"{ours}, so nothing was done. If you mean that one, type its name alone."
        )


class NotRequestable(Refusal):
    blocks = True

    def __init__(self, secret: str) -> None:
        super().__init__(
            f"{secret} cannot be requested here: it is not on the list of requestable secrets. "
            "Ask an admin if it should be."
        )


class MayNotAsk(Refusal):
    blocks = True

    def __init__(self, secret: str) -> None:
        super().__init__(
            f"You are not among those who may request {secret}. Ask an admin if you should be."
        )


class GuestsMayNotAsk(Refusal):
    blocks = True

    def __init__(self, secret: str) -> None:
        super().__init__(
            f"Guests may not request {secret}. Ask somebody of this organisation to do it."
        )


class MembershipUnknown(Refusal):
    """Nothing is decided yet: asked again in a while, it may be allowed."""

    def __init__(self, secret: str) -> None:
        super().__init__(
            f"Guests may not have access to {secret}, and right now I cannot find out who is one, "
            "so nothing was done. Try again in a minute, in our own chat."
        )


class MayNotAskForOthers(Refusal):
    blocks = True

    def __init__(self, secret: str) -> None:
        super().__init__(
            f"You may not request {secret} for somebody else. They can ask for it themselves."
        )


class MayNotBreakGlass(Refusal):
    blocks = True

    def __init__(self, secret: str) -> None:
        super().__init__(
            f"You are not among those who may break glass for {secret}. "
            f"Type request secret {secret} to ask for approval."
        )


class NothingToReview(Refusal):
    def __init__(self) -> None:
        super().__init__("There is nothing to review any more.")


class OwnReview(Refusal):
    def __init__(self) -> None:
        super().__init__("You broke the glass yourself: an approver other than you reviews it.")


class MayNotBeAskedFor(Refusal):
    blocks = True

    def __init__(self, secret: str, name: str) -> None:
        super().__init__(f"{name} is not among those who may have access to {secret}.")


class NobodyOfThatName(Refusal):
    def __init__(self) -> None:
        super().__init__(
            "I cannot find the person you ask for. Write their email as the directory has it."
        )


class Blocked(Refusal):
    """The answer to an attempt that was refused before, in the words it was refused with."""


class TooManyRequests(Refusal):
    def __init__(self, most: int, again_at: datetime) -> None:
        times = "once" if most == 1 else f"{most} times"
        super().__init__(
            f"You have asked for access or for more time {times} within an hour, which is as often "
            f"as is allowed here. Please ask again after {again_at:%H:%M} UTC."
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


class CouldNotEnd(Refusal):
    """Access that could not be taken away again, or that would open nothing, is not asked for."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{why} No request was made; an admin has to look at it.")


class UnreadableDuration(Refusal):
    def __init__(self) -> None:
        super().__init__("I cannot read that duration. Write it like 45m, 2h, 1h30m or 1d.")


class DurationOutOfBounds(Refusal):
    def __init__(self, shortest: timedelta, longest: timedelta) -> None:
        super().__init__(
            f"Access can last from {format_duration(shortest)} to {format_duration(longest)}. "
            f"Choose a duration within that, such as {write_duration(longest)}."
        )


class JustificationMissing(Refusal):
    def __init__(self) -> None:
        super().__init__("Say why you need it: approvers decide by the justification.")


class TicketMissing(Refusal):
    def __init__(self, hint: str) -> None:
        like = f": {hint.rstrip('.')}" if hint else ""
        super().__init__(f"The justification has to name a ticket{like}.")


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


class NobodyApprovesAll(Refusal):
    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__(
            f"There are not enough people who may approve all of {listed(secrets)}, "
            "so no request was made. Ask for them separately."
        )


class NoCommonWindow(Refusal):
    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__(
            f"There is no duration that is allowed for all of {listed(secrets)}, "
            "so no request was made. Ask for them separately."
        )


class TooManySecrets(Refusal):
    def __init__(self, most: int) -> None:
        super().__init__(
            f"One request can be about {most} secrets at the most. Ask for the others separately."
        )


class NotAnApprover(Refusal):
    def __init__(self, approvers: Sequence[Person]) -> None:
        names = ", ".join(person.name for person in approvers)
        super().__init__(f"Only its approvers can decide this request: {names}.")


class NoLongerRequestable(Refusal):
    def __init__(self, secret: str) -> None:
        super().__init__(
            f"{secret} can't be requested any more under today's rules, so this can't be approved."
        )


class RequesterGone(Refusal):
    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name}'s account is disabled or not in the directory any more, "
            "so nothing can be granted."
        )


class SelfApproval(Refusal):
    def __init__(self) -> None:
        super().__init__("This request is your own, or for you: someone else has to decide it.")


class AlreadyApproved(Refusal):
    def __init__(self) -> None:
        super().__init__("You have approved this already; it waits for another approver.")


class AlreadyDecided(Refusal):
    def __init__(self, outcome: str, who: str, at: datetime) -> None:
        super().__init__(f"This request was already {outcome} by {who} at {at:%H:%M} UTC.")


class NoLongerPending(Refusal):
    def __init__(self, state: str) -> None:
        super().__init__(f"This request is no longer pending: it is {state}.")


class NothingToSee(Refusal):
    """The answer for what is not there and for what is not this person's, so that it tells none."""

    def __init__(self) -> None:
        super().__init__("There is no request or rotation of that id that you may see.")


class NotYoursToCancel(Refusal):
    def __init__(self, requester: str) -> None:
        super().__init__(
            f"Only {requester}, who asked, can cancel this request. Its approvers can deny it."
        )


class TooLateToCancel(Refusal):
    def __init__(self, request_id: str) -> None:
        super().__init__(
            "This request is approved already, so it cannot be cancelled any more. "
            f"To give the access back, type revoke {request_id}."
        )


class NotYoursToGiveBack(Refusal):
    def __init__(self, requester: str) -> None:
        super().__init__(f"This is {requester}'s access: only they are done with it.")


class NothingGrantedYet(Refusal):
    def __init__(self, request_id: str) -> None:
        super().__init__(
            "There is no access to end yet: this request waits for approval. Whoever asked can "
            f"type cancel {request_id}, and its approvers can deny it."
        )


class NoAccessToEnd(Refusal):
    def __init__(self, state: str) -> None:
        super().__init__(f"There is no access to end: this request is {state}.")


class AlreadyEnded(Refusal):
    def __init__(self, who: str, at: datetime) -> None:
        super().__init__(f"This access was already ended by {who} at {at:%H:%M} UTC.")


class WindowOver(Refusal):
    def __init__(self, at: datetime | None = None) -> None:
        since = f" since {at:%H:%M} UTC" if at else ""
        super().__init__(f"This access has ended already: its window is over{since}.")


class PlanCancelled(Refusal):
    def __init__(self, who: str, at: datetime) -> None:
        super().__init__(
            f"{who} cancelled this at {at:%H:%M} UTC: nothing was rotated. "
            "Type rotate and the secret's name to see the plan as it is now."
        )


class NothingOverdue(Refusal):
    def __init__(self, state: str) -> None:
        super().__init__(f"Nothing is overdue here: its state is “{state}”.")


class ReasonMissing(Refusal):
    def __init__(self) -> None:
        super().__init__("Say why: the audit channel sees the reason.")


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


class OwnRotation(Refusal):
    def __init__(self) -> None:
        super().__init__("You asked for this rotation yourself: another admin has to agree to it.")


class MayNotAgree(Refusal):
    def __init__(self, admins: Sequence[Person]) -> None:
        names = ", ".join(person.name for person in admins)
        super().__init__(f"Only these admins can agree to this rotation, or refuse it: {names}.")


class RotationNoLongerPending(Refusal):
    def __init__(self, state: str) -> None:
        said = state.replace("_", " ")
        super().__init__(f"This rotation waits for nobody's consent any more: it is {said}.")


class UnknownRotation(Refusal):
    def __init__(self) -> None:
        super().__init__("I know no rotation of that id.")


class UnreadablePeriod(Refusal):
    def __init__(self) -> None:
        super().__init__("I cannot read that period. Write it like last 7d, or last 12h.")


class UnknownPerson(Refusal):
    def __init__(self, who: str) -> None:
        super().__init__(
            f"I cannot find {who} in the directory. Write @ and their email or Entra object id."
        )


class UnknownWorkflow(Refusal):
    def __init__(self) -> None:
        super().__init__("I know nothing under that id that you could see.")


class PageGone(Refusal):
    def __init__(self) -> None:
        super().__init__("This list does not go on from here. Type history again.")


class NoFilesHere(Refusal):
    def __init__(self) -> None:
        super().__init__("Files go to personal chats alone. Type the export in our own chat.")


class OfferGone(Refusal):
    def __init__(self) -> None:
        super().__init__(
            "This export was offered to somebody else, was taken already, or is too old. "
            "Type the export again to get a new one."
        )


class NothingToExport(Refusal):
    def __init__(self) -> None:
        super().__init__("There is nothing to export: no request and no rotation matches that.")


class FileNotTaken(Refusal):
    def __init__(self) -> None:
        super().__init__(
            "Your OneDrive did not take the file, so nothing was exported. "
            "Type the export again in a minute."
        )


class NothingToRetry(Refusal):
    def __init__(self, state: str) -> None:
        super().__init__(f"There is nothing to retry: this rotation is {state.replace('_', ' ')}.")


class NothingToAbandon(Refusal):
    def __init__(self, state: str) -> None:
        super().__init__(
            "Only a rotation that needs a human can be abandoned, and this one is "
            f"{state.replace('_', ' ')}."
        )


class AbandonWithoutReason(Refusal):
    def __init__(self, rotation_id: str) -> None:
        super().__init__(f"Say why: abandon {rotation_id} because REASON")


class NotYourGrant(Refusal):
    def __init__(self) -> None:
        super().__init__("Only the person who holds this access can ask for more time.")


class NothingToExtend(Refusal):
    def __init__(self, state: str) -> None:
        super().__init__(f"There is no access to extend: this request is {state}.")


class TooLateToExtend(Refusal):
    def __init__(self, ended_at: datetime) -> None:
        super().__init__(
            f"This access ended at {ended_at:%H:%M} UTC, so it can't be extended. "
            "Request it again if it's still needed."
        )


class ExtensionAskedAlready(Refusal):
    def __init__(self, by: timedelta) -> None:
        super().__init__(
            f"You have asked for {format_duration(by)} more already; your approvers have to decide."
        )


class ExtensionTooLong(Refusal):
    def __init__(self, most: timedelta) -> None:
        super().__init__(
            f"At the most {format_duration(most)} more can be added."
            if most
            else "This access lasts as long as is allowed already. Request it anew when it is over."
        )


class ExtensionDecided(Refusal):
    def __init__(self) -> None:
        super().__init__("There is no extension to decide any more.")


class NotLess(Refusal):
    def __init__(self, shortest: timedelta, longest: timedelta) -> None:
        super().__init__(
            "An approver may shorten the window, not lengthen it: "
            f"from {format_duration(shortest)} to {format_duration(longest)}."
        )


class DirectoryUnavailable(Refusal):
    def __init__(self) -> None:
        super().__init__(
            "The directory does not answer right now, so I cannot tell whether you may do that. "
            "Try again in a minute."
        )


class AccountGone(Refusal):
    def __init__(self) -> None:
        super().__init__(
            "Your account is disabled or removed in the directory, so your answer does not count."
        )
