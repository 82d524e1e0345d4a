"""Every refusal: one class each, with its code and its parameters.

A refusal is a value: rules return it inside a ``Decision``. Only the edge raises it. What a person
reads is in ``cards.reasons``.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from domain.people import Person, Principals
from domain.reasons import Param, Reason

_LONGEST_ECHO = 127  # what Key Vault allows a secret's name


class Refusal(Exception):
    """Latchkey won't do what was asked; ``reason`` says why, by a code with parameters."""

    code: ClassVar[str] = ""

    blocks: bool = False
    """Whether the policy refuses this person: such an attempt is recorded and announced."""

    def __init__(self, *parts: Reason, **params: Param) -> None:
        self.reason = Reason(self.code, params, parts)
        super().__init__(str(self.reason))


class OfSeveral(Refusal):
    """Refuse a request for several secrets because of some of them; none is requested then."""

    code = "of_several"

    def __init__(self, refused: Mapping[str, Refusal]) -> None:
        """Take the refusal for each secret concerned, by its name as it was typed."""
        super().__init__(
            *(refusal.reason for refusal in refused.values()),
            secrets=tuple(secret[:_LONGEST_ECHO] for secret in refused),
        )
        self.blocks = any(refusal.blocks for refusal in refused.values())


class NotASecretName(Refusal):
    code = "not_a_secret_name"


class SecretOfAnotherVault(Refusal):
    code = "secret_of_another_vault"

    def __init__(self, secret: str, theirs: str, ours: str) -> None:
        super().__init__(secret=secret[:_LONGEST_ECHO], theirs=theirs, ours=ours)


class NotRequestable(Refusal):
    code = "not_requestable"
    blocks = True

    def __init__(self, secret: str) -> None:
        super().__init__(secret=secret)


class MayNotAsk(Refusal):
    code = "may_not_ask"
    blocks = True

    def __init__(self, secret: str) -> None:
        super().__init__(secret=secret)


class GuestsMayNotAsk(Refusal):
    code = "guests_may_not_ask"
    blocks = True

    def __init__(self, secret: str) -> None:
        super().__init__(secret=secret)


class NotInDirectory(Refusal):
    """The directory answers, and has no enabled account for them: they may be a guest."""

    code = "not_in_directory"
    blocks = True

    def __init__(self, secret: str) -> None:
        super().__init__(secret=secret)


class MembershipUnknown(Refusal):
    """Nothing is decided yet: asked again in a while, it may be allowed."""

    code = "membership_unknown"

    def __init__(self, secret: str) -> None:
        super().__init__(secret=secret)


class MayNotAskForOthers(Refusal):
    code = "may_not_ask_for_others"
    blocks = True

    def __init__(self, secret: str, name: str) -> None:
        super().__init__(secret=secret, name=name)


class MayNotBreakGlass(Refusal):
    code = "may_not_break_glass"
    blocks = True

    def __init__(self, secret: str) -> None:
        super().__init__(secret=secret)


class NothingToReview(Refusal):
    code = "nothing_to_review"


class OwnReview(Refusal):
    code = "own_review"


class MayNotBeAskedFor(Refusal):
    code = "may_not_be_asked_for"
    blocks = True

    def __init__(self, secret: str, name: str) -> None:
        super().__init__(secret=secret, name=name)


class NobodyOfThatName(Refusal):
    code = "nobody_of_that_name"


class Blocked(Refusal):
    """The answer to an attempt that was refused before: the same reason again."""

    code = "blocked"

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)


class TooManyRequests(Refusal):
    code = "too_many_requests"

    def __init__(self, most: int, again_at: datetime) -> None:
        super().__init__(most=most, again_at=again_at.isoformat())


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


class UnreadableDuration(Refusal):
    code = "unreadable_duration"


class DurationOutOfBounds(Refusal):
    code = "duration_out_of_bounds"

    def __init__(self, shortest: timedelta, longest: timedelta) -> None:
        super().__init__(shortest=shortest.total_seconds(), longest=longest.total_seconds())


class JustificationMissing(Refusal):
    code = "justification_missing"


class TicketMissing(Refusal):
    code = "ticket_missing"

    def __init__(self, hint: str) -> None:
        super().__init__(hint=hint)


class JustificationTooLong(Refusal):
    code = "justification_too_long"

    def __init__(self, length: int, longest: int) -> None:
        super().__init__(length=length, longest=longest)


class ReasonTooLong(Refusal):
    """Refuse a reason or a note that was typed with an answer."""

    code = "reason_too_long"

    def __init__(self, length: int, longest: int) -> None:
        super().__init__(length=length, longest=longest)


class NobodyCanApprove(Refusal):
    """``whom`` is the grantee, if someone else asks for them: neither of the two can approve."""

    code = "nobody_can_approve"

    def __init__(self, secret: str, whom: str = "") -> None:
        super().__init__(secret=secret, **({"whom": whom} if whom else {}))


class NobodyApprovesAll(Refusal):
    code = "nobody_approves_all"

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__(secrets=tuple(secrets))


class NoCommonWindow(Refusal):
    code = "no_common_window"

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__(secrets=tuple(secrets))


class TooManySecrets(Refusal):
    code = "too_many_secrets"

    def __init__(self, most: int) -> None:
        super().__init__(most=most)


class NotAnApprover(Refusal):
    code = "not_an_approver"

    def __init__(self, approvers: Principals) -> None:
        super().__init__(
            approvers=tuple(person.name for person in approvers.people),
            groups=tuple(group.name for group in approvers.groups),
        )


class NoLongerRequestable(Refusal):
    code = "no_longer_requestable"

    def __init__(self, secret: str) -> None:
        super().__init__(secret=secret)


class NoLongerAllowed(Refusal):
    """Refuse to approve what today's rules don't let these people have any more.

    ``whom`` is the grantee, if someone else asked for them.
    """

    code = "no_longer_allowed"

    def __init__(self, secret: str, name: str, whom: str = "") -> None:
        super().__init__(secret=secret, name=name, whom=whom)


class RequestNotConfirmed(Refusal):
    """Refuse what its requester didn't confirm with a sign-in as today's rules ask."""

    code = "request_not_confirmed"

    def __init__(self, name: str) -> None:
        super().__init__(name=name)


class TooFewApprovers(Refusal):
    """Refuse to ask approvers again where there are too few of them by today's rules."""

    code = "too_few_approvers_today"

    def __init__(self, secret: str) -> None:
        super().__init__(secret=secret)


class RequesterGone(Refusal):
    code = "requester_gone"

    def __init__(self, name: str) -> None:
        super().__init__(name=name)


class SelfApproval(Refusal):
    code = "self_approval"


class AlreadyApproved(Refusal):
    code = "already_approved"


class AlreadyDecided(Refusal):
    code = "already_decided"

    def __init__(self, outcome: str, who: str, at: datetime) -> None:
        """Take ``approved`` or ``denied``, and by whom and when."""
        super().__init__(outcome=outcome, who=who, at=at.isoformat())


class NoLongerPending(Refusal):
    code = "no_longer_pending"

    def __init__(self, state: str) -> None:
        super().__init__(state=str(state))


class RemindedAlready(Refusal):
    code = "reminded_already"

    def __init__(self, reminded_at: datetime, again_at: datetime) -> None:
        super().__init__(reminded_at=reminded_at.isoformat(), again_at=again_at.isoformat())


class NothingToSee(Refusal):
    """The same answer for what isn't there and for what isn't this person's, so it reveals none."""

    code = "nothing_to_see"


class NotYoursToCancel(Refusal):
    code = "not_yours_to_cancel"

    def __init__(self, requester: str) -> None:
        super().__init__(requester=requester)


class TooLateToCancel(Refusal):
    code = "too_late_to_cancel"

    def __init__(self, request_id: str) -> None:
        super().__init__(request_id=request_id)


class NotYoursToGiveBack(Refusal):
    code = "not_yours_to_give_back"

    def __init__(self, holder: str) -> None:
        super().__init__(holder=holder)


class NothingGrantedYet(Refusal):
    code = "nothing_granted_yet"

    def __init__(self, request_id: str) -> None:
        super().__init__(request_id=request_id)


class NoAccessToEnd(Refusal):
    code = "no_access_to_end"

    def __init__(self, state: str) -> None:
        super().__init__(state=str(state))


class AlreadyEnded(Refusal):
    code = "already_ended"

    def __init__(self, who: str, at: datetime) -> None:
        super().__init__(who=who, at=at.isoformat())


class WindowOver(Refusal):
    code = "window_over"

    def __init__(self, at: datetime | None = None) -> None:
        super().__init__(at=at.isoformat() if at else None)


class PlanCancelled(Refusal):
    code = "plan_cancelled"

    def __init__(self, who: str, at: datetime) -> None:
        super().__init__(who=who, at=at.isoformat())


class NothingOverdue(Refusal):
    code = "nothing_overdue"

    def __init__(self, state: str) -> None:
        super().__init__(state=str(state))


class ReasonMissing(Refusal):
    code = "reason_missing"


class UnknownRequest(Refusal):
    code = "unknown_request"


class FormClosed(Refusal):
    code = "form_closed"


class NotYourForm(Refusal):
    code = "not_your_form"


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


class NotAnAdmin(Refusal):
    code = "not_an_admin"


class OnlyAboutYourself(Refusal):
    code = "only_about_yourself"


class NotRotatable(Refusal):
    code = "not_rotatable"

    def __init__(self, secret: str) -> None:
        super().__init__(secret=secret)


class RotationUnderWay(Refusal):
    code = "rotation_under_way"

    def __init__(self, secret: str, rotation_id: str) -> None:
        super().__init__(secret=secret, rotation_id=rotation_id)


class NoDrillConfigured(Refusal):
    code = "no_drill_configured"


class DrillUnderWay(Refusal):
    code = "drill_under_way"

    def __init__(self, drill_id: str) -> None:
        super().__init__(drill_id=drill_id)


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


class UnknownRotation(Refusal):
    code = "unknown_rotation"


class PolicyFileDecided(Refusal):
    code = "policy_file_decided"

    def __init__(self, outcome: str, who: str) -> None:
        """Take ``accepted`` or ``rejected``, and by whom."""
        super().__init__(outcome=outcome, who=who)


class PolicyFileReplaced(Refusal):
    """The policy file that the card is about isn't the one that waits."""

    code = "policy_file_replaced"


class UnreadablePeriod(Refusal):
    code = "unreadable_period"


class PeriodTooLong(Refusal):
    code = "period_too_long"

    def __init__(self, longest: timedelta) -> None:
        super().__init__(longest=longest.total_seconds())


class UnknownPerson(Refusal):
    code = "unknown_person"

    def __init__(self, who: str) -> None:
        super().__init__(who=who)


class UnknownWorkflow(Refusal):
    code = "unknown_workflow"


class Archived(Refusal):
    code = "archived"

    def __init__(self, workflow_id: str, day: str) -> None:
        super().__init__(workflow_id=workflow_id, day=day)


class NotADay(Refusal):
    code = "not_a_day"


class NoCheckpoint(Refusal):
    code = "no_checkpoint"

    def __init__(self, day: str) -> None:
        super().__init__(day=day)


class PageGone(Refusal):
    code = "page_gone"


class NoFilesHere(Refusal):
    code = "no_files_here"


class OfferGone(Refusal):
    code = "offer_gone"


class NothingToExport(Refusal):
    code = "nothing_to_export"


class NoReadLog(Refusal):
    code = "no_read_log"


class ReadLogUnavailable(Refusal):
    code = "read_log_unavailable"

    def __init__(self, answer: str) -> None:
        """Take Azure's status and code; empty if it didn't answer."""
        super().__init__(answer=answer)


class NeverGranted(Refusal):
    code = "never_granted"


class FileNotTaken(Refusal):
    code = "file_not_taken"


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


class NotYourGrant(Refusal):
    code = "not_your_grant"


class NothingToExtend(Refusal):
    code = "nothing_to_extend"

    def __init__(self, state: str) -> None:
        super().__init__(state=str(state))


class TooLateToExtend(Refusal):
    code = "too_late_to_extend"

    def __init__(self, ended_at: datetime) -> None:
        super().__init__(ended_at=ended_at.isoformat())


class ExtensionAskedAlready(Refusal):
    code = "extension_asked_already"

    def __init__(self, by: timedelta) -> None:
        super().__init__(by=by.total_seconds())


class ExtensionTooLong(Refusal):
    code = "extension_too_long"

    def __init__(self, most: timedelta) -> None:
        super().__init__(most=most.total_seconds())


class ExtensionDecided(Refusal):
    code = "extension_decided"


class UnreadableStart(Refusal):
    code = "unreadable_start"


class StartInThePast(Refusal):
    code = "start_in_the_past"

    def __init__(self, at: datetime) -> None:
        super().__init__(at=at.isoformat())


class StartTooFarAhead(Refusal):
    code = "start_too_far_ahead"

    def __init__(self, within: timedelta) -> None:
        super().__init__(within=within.total_seconds())


class NoLaterStart(Refusal):
    code = "no_later_start"


class StartsAtOnce(Refusal):
    """Break-glass access can't be scheduled."""

    code = "starts_at_once"


class NotLess(Refusal):
    code = "not_less"

    def __init__(self, shortest: timedelta, longest: timedelta) -> None:
        super().__init__(shortest=shortest.total_seconds(), longest=longest.total_seconds())


class NotOfThisRequest(Refusal):
    code = "not_of_this_request"

    def __init__(self, secret: str) -> None:
        super().__init__(secret=secret[:_LONGEST_ECHO])


class NothingLeft(Refusal):
    code = "nothing_left"


class CannotBeLeftOut(Refusal):
    """Leaving it out would withhold nothing: another secret's access opens the whole vault."""

    code = "cannot_be_left_out"

    def __init__(self, secret: str, opened_by: str) -> None:
        super().__init__(secret=secret, opened_by=opened_by)


class DirectoryUnavailable(Refusal):
    code = "directory_unavailable"


class DirectoryNotPermitted(DirectoryUnavailable):
    """The directory answers, but the bot isn't allowed to ask: waiting doesn't help."""

    code = "directory_not_permitted"


class AccountGone(Refusal):
    code = "account_gone"


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
