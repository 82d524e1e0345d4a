"""What a person reads when Latchkey won't do what they asked."""

from collections.abc import Mapping

from cards.languages.texts import say
from cards.reasons.filling import Filled, Text, if_known, with_advice
from domain.phrases import mark


def _of_several(refused: Filled) -> str:
    names = refused.names("secrets")
    each = dict.fromkeys(
        sentence if name in sentence else say("{title}: {said}", title=name, said=sentence)
        for name, sentence in zip(names, refused.parts, strict=False)
    )
    first = refused.fill(mark("Nothing was requested because of {secrets}."))
    return "\n".join([first, *each])


def _not_an_approver(refused: Filled) -> str:
    groups = (say("members of {group}", group=name) for name in refused.names("groups"))
    who = ", ".join((*refused.names("approvers"), *groups))
    if not who:
        return say("Only its approvers can decide this request, and it has none.")
    return say("Only its approvers can decide this request: {who}.", who=who)


def _ticket_missing(refused: Filled) -> str:
    hint = refused.text("hint").rstrip(".")
    if not hint:
        return say("The justification has to name a ticket.")
    return say("The justification has to name a ticket: {hint}.", hint=hint)


def _too_many_requests(refused: Filled) -> str:
    if refused.number("most") == 1:
        return refused.fill(
            mark(
                "You've already asked for access or more time once in the last hour, which is the "
                "limit here. Please ask again after {again_at:clock}."
            )
        )
    return refused.fill(
        mark(
            "You've already asked for access or more time {most} times in the last hour, which is "
            "the limit here. Please ask again after {again_at:clock}."
        )
    )


def _already_decided(refused: Filled) -> str:
    match refused.text("outcome"):
        case "approved":
            return refused.fill(mark("This request was already approved by {who} on {at:minute}."))
        case "denied":
            return refused.fill(mark("This request was already denied by {who} on {at:minute}."))
        case _:
            return refused.fill(mark("This request was already decided by {who} on {at:minute}."))


def _policy_file_decided(refused: Filled) -> str:
    if refused.text("outcome") == "accepted":
        return refused.fill(mark("{who} has already accepted this policy file."))
    return refused.fill(mark("{who} has already rejected this policy file."))


def _read_log_unavailable(refused: Filled) -> str:
    if refused.text("answer"):
        return refused.fill(
            mark(
                "I couldn't ask the vaults' log, so nothing was exported: Azure answered {answer}."
            )
        )
    return say("I couldn't ask the vaults' log just now, so nothing was exported.")


def _extension_too_long(refused: Filled) -> str:
    if refused.number("most") > 0:
        return refused.fill(mark("At most {most:duration} more can be added."))
    return say("This access already lasts as long as allowed. Request it again once it has ended.")


REFUSALS: Mapping[str, Text] = {
    "of_several": _of_several,
    "not_a_secret_name": mark(
        "That's not a valid secret name: use letters, digits and hyphens, at most 127."
    ),
    "secret_of_another_vault": mark(
        "That address is in the vault {theirs}. Here {secret} means the secret of that name in "
        "{ours}, so nothing was done. If that's the one you mean, type its name alone."
    ),
    "not_requestable": mark(
        "{secret} can't be requested here: it isn't on the list of requestable secrets. "
        "Ask an admin if it should be."
    ),
    "may_not_ask": mark(
        "You're not one of the people who can request {secret}. Ask an admin if you should be."
    ),
    "guests_may_not_ask": mark(
        "Guests can't request {secret}. Ask someone in this organisation to do it."
    ),
    "not_in_directory": with_advice(
        mark(
            "Guests can't have access to {secret}, and the directory has no enabled account of "
            "yours."
        ),
        mark("Ask someone in this organisation to request it."),
    ),
    "membership_unknown": with_advice(
        mark(
            "Guests can't have access to {secret}, and I can't check right now who is a "
            "guest, so nothing was done."
        ),
        mark("Try again in a minute, in our personal chat."),
    ),
    "may_not_ask_for_others": if_known(
        "name",
        mark("You can't request {secret} for {name}. They can request it themselves."),
        mark("You can't request {secret} for someone else. They can request it themselves."),
    ),
    "may_not_break_glass": mark(
        "You're not one of the people who can take break-glass access to {secret}. "
        "Type request secret {secret} to ask for approval."
    ),
    "nothing_to_review": mark("There's nothing left to review."),
    "own_review": mark("This break-glass access is yours: another approver has to review it."),
    "may_not_be_asked_for": mark("{name} isn't one of the people who can have access to {secret}."),
    "nobody_of_that_name": with_advice(
        mark("I can't find the person you're asking for."),
        mark("Write their email as the directory has it."),
    ),
    "blocked": "{parts}",
    "too_many_requests": _too_many_requests,
    "unknown_secret": with_advice(
        mark("There's no secret named {secret} in {vault}."),
        mark("Check the spelling, or ask its owner."),
    ),
    "disabled_secret": with_advice(
        mark(
            "{secret} exists in {vault}, but its current version is disabled, so no one can"
            " read it."
        ),
        mark("Ask its owner to enable or renew it."),
    ),
    "could_not_end": mark("{parts} No request was made: an admin has to look into it."),
    "unreadable_duration": with_advice(
        mark("I can't read that duration."), mark("Write it like 45m, 2h, 1h30m or 1d.")
    ),
    "duration_out_of_bounds": with_advice(
        mark("Access can last from {shortest:duration} to {longest:duration}."),
        mark("Choose a duration in that range, such as {longest:typed}."),
    ),
    "justification_missing": mark("Say why you need it: approvers decide by your justification."),
    "ticket_missing": _ticket_missing,
    "justification_too_long": with_advice(
        mark("The justification has {length} characters; {longest} is the most."),
        mark("Put the details in a ticket and name the ticket."),
    ),
    "reason_too_long": with_advice(
        mark("Your text has {length} characters; {longest} is the most, so nothing was done."),
        mark("Put the details in a ticket and name the ticket."),
    ),
    "nobody_can_approve": if_known(
        "whom",
        mark(
            "I couldn't find enough people other than you and {whom} to approve access to "
            "{secret}, so no request was made. Ask an admin to check the approvers."
        ),
        mark(
            "I couldn't find enough people other than you to approve access to {secret}, "
            "so no request was made. Ask an admin to check the approvers."
        ),
    ),
    "nobody_approves_all": with_advice(
        mark("Not enough people can approve all of {secrets}, so no request was made."),
        mark("Ask for them separately."),
    ),
    "no_common_window": with_advice(
        mark("No duration is allowed for all of {secrets}, so no request was made."),
        mark("Ask for them separately."),
    ),
    "too_many_secrets": with_advice(
        mark("One request can be for {most} secrets at most."),
        mark("Ask for the others separately."),
    ),
    "not_an_approver": _not_an_approver,
    "no_longer_requestable": mark(
        "{secret} can no longer be requested under today's rules, so this can't be approved."
    ),
    "no_longer_allowed": if_known(
        "whom",
        mark(
            "Today's rules no longer let {name} ask for access to {secret} for {whom}, so this "
            "can't be approved."
        ),
        mark(
            "Today's rules no longer let {name} have access to {secret}, so this can't be approved."
        ),
    ),
    "request_not_confirmed": with_advice(
        mark(
            "Today's rules ask {name} to confirm this request with a fresh sign-in, and it wasn't "
            "confirmed as they ask, so it can't be approved."
        ),
        mark("{name} has to request it again."),
    ),
    "requester_gone": mark(
        "{name}'s account is disabled or no longer in the directory, so nothing can be granted."
    ),
    "self_approval": mark("This request is your own, or for you: someone else has to decide it."),
    "already_approved": mark("You've already approved this; it's waiting for another approver."),
    "already_decided": _already_decided,
    "no_longer_pending": mark("This request is no longer pending: it is {state:state}."),
    "reminded_already": mark(
        "The approvers were reminded at {reminded_at:clock}. You can remind them again after "
        "{again_at:clock}."
    ),
    "nothing_to_see": mark("I can't find a request or rotation with that ID that you can see."),
    "not_yours_to_cancel": mark(
        "Only {requester}, who asked, can cancel this request. Its approvers can deny it while "
        "it's pending, and revoke it afterwards."
    ),
    "too_late_to_cancel": mark(
        "This request no longer waits for an approval, so it can't be cancelled. "
        "To give the access back, type revoke {request_id}."
    ),
    "unreadable_start": with_advice(
        mark("I can't read that start."),
        mark("Write it like 22:00, 22:00 tomorrow or 2026-12-01 22:00."),
    ),
    "start_in_the_past": with_advice(
        mark("That start is in the past: {at:minute}."),
        mark("Choose a later one, or leave it out to start as soon as the request is approved."),
    ),
    "start_too_far_ahead": with_advice(
        mark("Access can start at most {within:duration} from now."),
        mark("Choose an earlier start."),
    ),
    "no_later_start": with_advice(
        mark("This access can't be planned ahead: it starts as soon as the request is approved."),
        mark("Leave out the start."),
    ),
    "starts_at_once": with_advice(
        mark("Break-glass access starts at once, so nothing was done."),
        mark("Leave out the start, or type request secret to plan access ahead."),
    ),
    "not_yours_to_give_back": mark(
        "This is {holder}'s access: only they can say they're done with it."
    ),
    "nothing_granted_yet": mark(
        "There's no access to end yet: this request is waiting for approval. Whoever asked can "
        "type cancel {request_id}, and its approvers can deny it."
    ),
    "no_access_to_end": mark("There's no access to end: this request is {state:state}."),
    "already_ended": mark("This access was already ended by {who} on {at:minute}."),
    "window_over": if_known(
        "at",
        mark("This access has already ended: its window closed on {at:minute}."),
        mark("This access has already ended: its window is over."),
    ),
    "nothing_overdue": mark("Nothing is overdue here: its state is “{state:state}”."),
    "reason_missing": mark("Say why: the audit channel sees the reason."),
    "unknown_request": mark("I can't find a request with that ID."),
    "form_closed": mark("This form is no longer open. Type the request again to get a new one."),
    "not_your_form": mark(
        "This form belongs to the person who asked for it. Type your own request to get yours."
    ),
    "service_unavailable": with_advice(
        mark("{service:service} isn't responding right now, so nothing was done."),
        mark("Try again in a minute. (Correlation ID {correlation_id})"),
    ),
    "service_refused": with_advice(
        mark("{service} refused to answer, so nothing was done."),
        mark("Show an admin this correlation ID: {correlation_id}"),
    ),
    "not_finished": with_advice(
        mark("{service:service} isn't responding right now, so I couldn't finish this."),
        mark(
            "Try again in a minute. If it keeps happening, give an admin this correlation ID: "
            "{correlation_id}"
        ),
    ),
    "not_known_if_done": with_advice(
        mark(
            "{service:service} isn't responding right now, so I can't tell whether what you asked "
            "for was done."
        ),
        mark(
            "Check before you ask again, for instance with `my access`. If it keeps happening, "
            "give an admin this correlation ID: {correlation_id}"
        ),
    ),
    "bot_not_permitted": with_advice(
        mark("Latchkey doesn't have permission to ask {service} for this, so nothing was done."),
        mark("Show an admin this correlation ID: {correlation_id}"),
    ),
    "not_an_admin": mark("Only admins can do that. Ask one of them."),
    "only_about_yourself": mark(
        "You can ask that about yourself. About other people, only admins and the secret's "
        "approvers can."
    ),
    "not_rotatable": mark("{secret} isn't set up for rotation. An admin can add it to the policy."),
    "rotation_under_way": mark(
        "{secret} is already being rotated, under {rotation_id}. Wait until that has finished."
    ),
    "no_drill_configured": mark(
        "No drill is configured. Set DRILL_SECRET and DRILL_PRINCIPAL_ID, as docs/deploy.md says."
    ),
    "drill_under_way": mark(
        "A drill is already under way, under {drill_id}. Wait until that has finished."
    ),
    "nobody_can_agree": mark(
        "I couldn't find anyone but you to approve a rotation of {secret}, so none was started. "
        "Ask another admin to check who the admins are."
    ),
    "own_rotation": mark("You asked for this rotation yourself: another admin has to approve it."),
    "may_not_agree": mark("Only these admins can approve or deny this rotation: {admins:commas}."),
    "rotation_no_longer_pending": mark(
        "This rotation is no longer waiting for approval: it is {state:state}."
    ),
    "rotation_rules_changed": mark(
        "The rules for {secret} aren't the ones under which this rotation was requested, so it "
        "can't be approved. Deny it, and request it again."
    ),
    "plan_outdated": mark(
        "The rules for {secret} have changed since this plan was made, so nothing was started. "
        "Type rotate {secret} to see the current plan."
    ),
    "policy_file_decided": _policy_file_decided,
    "policy_file_replaced": mark(
        "The policy file has changed since this card, so nothing was done. The audit channel has "
        "the newest one."
    ),
    "plan_cancelled": mark(
        "{who} cancelled this on {at:minute}: nothing was started. "
        "If it's still needed, type the command again."
    ),
    "unknown_rotation": mark("I can't find a rotation with that ID."),
    "nothing_to_retry": mark("There's nothing to retry: this rotation is {state:state}."),
    "nothing_to_abandon": mark(
        "Only a rotation that needs a human can be abandoned, and this one is {state:state}."
    ),
    "abandon_without_reason": mark("Say why: abandon {rotation_id} because REASON"),
    "unreadable_period": mark("I can't read that period. Write it like last 7d or last 12h."),
    "period_too_long": mark("That's too long: the period can be {longest:duration} at most."),
    "unknown_person": mark(
        "I can't find {who} in the directory. Write @ and their email or Entra object ID."
    ),
    "unknown_workflow": mark("I can't find anything with that ID that you can see."),
    "archived": mark(
        "{workflow_id} ended long ago. It was archived on {day}, and is no longer in the table. "
        "Admins find it in the archive."
    ),
    "not_a_day": mark("I can't read that day. Write it like 2026-11-27."),
    "no_checkpoint": mark(
        "There's no checkpoint for {day}. The checkpoint of a day is made an hour after its end "
        "(UTC), from the day on when this version was first started."
    ),
    "page_gone": mark("This list doesn't go on from here. Open the list again."),
    "no_files_here": mark(
        "I can send files in personal chats only. Type the export in our own chat."
    ),
    "offer_gone": mark(
        "This file was offered to someone else, has already been taken, or is too old. "
        "Type the command again to get a new one."
    ),
    "nothing_to_export": mark(
        "There's nothing to export: no request and no rotation matches that."
    ),
    "no_read_log": mark(
        "There is no log of reads here: set LOG_ANALYTICS_WORKSPACE_ID, as docs/deploy.md says."
    ),
    "read_log_unavailable": _read_log_unavailable,
    "never_granted": mark("This request has never given any access, so nothing was read under it."),
    "file_not_taken": mark(
        "Your OneDrive didn't accept the file, so nothing was exported. "
        "Type the command again in a minute."
    ),
    "not_your_grant": mark("Only the person who has this access can ask for more time."),
    "nothing_to_extend": mark("There's no access to extend: this request is {state:state}."),
    "too_late_to_extend": with_advice(
        mark("This access ended on {ended_at:minute}, so it can't be extended."),
        mark("Request it again if it's still needed."),
    ),
    "extension_asked_already": mark(
        "You've already asked for {by:duration} more; your approvers have to decide."
    ),
    "extension_too_long": _extension_too_long,
    "extension_decided": mark("There's no open extension request left to decide."),
    "not_less": mark(
        "An approver can shorten the window, but not lengthen it: "
        "from {shortest:duration} to {longest:duration}."
    ),
    "not_of_this_request": with_advice(
        mark("{secret} isn't one of the secrets of this request, so nothing was decided."),
        mark("Please decide again on the newest card: type approvals."),
    ),
    "nothing_left": with_advice(
        mark("That leaves out every secret, so there's nothing to approve."),
        mark("Deny the request instead."),
    ),
    "cannot_be_left_out": with_advice(
        mark("{secret} can't be left out: access to {opened_by} opens the whole vault."),
        mark("Leave both out, or deny the request."),
    ),
    "directory_unavailable": with_advice(
        mark(
            "I can't get an answer from the directory right now, so I can't tell whether you can "
            "do that."
        ),
        mark("Try again in a minute."),
    ),
    "directory_not_permitted": with_advice(
        mark(
            "Latchkey doesn't have permission to look this up in the directory, so I can't tell "
            "whether you can do that."
        ),
        mark("Tell an admin: doctor shows what is missing."),
    ),
    "account_gone": mark(
        "Your account is disabled or no longer in the directory, so your answer doesn't count."
    ),
}
