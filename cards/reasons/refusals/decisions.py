"""What a person reads when their answer to a request doesn't count."""

from collections.abc import Mapping

from cards.languages.texts import say
from cards.reasons.filling import Filled, Text, if_known, with_advice
from domain.phrases import mark


def _not_an_approver(refused: Filled) -> str:
    groups = (say("members of {group}", group=name) for name in refused.names("groups"))
    who = ", ".join((*refused.names("approvers"), *groups))
    if not who:
        return say("Only its approvers can decide this request, and it has none.")
    return say("Only its approvers can decide this request: {who}.", who=who)


def _already_decided(refused: Filled) -> str:
    match refused.text("outcome"):
        case "approved":
            return refused.fill(mark("This request was already approved by {who} on {at:minute}."))
        case "denied":
            return refused.fill(mark("This request was already denied by {who} on {at:minute}."))
        case _:
            return refused.fill(mark("This request was already decided by {who} on {at:minute}."))


DECISIONS: Mapping[str, Text] = {
    "nothing_to_review": mark("There's nothing left to review."),
    "own_review": mark("This break-glass access is yours: another approver has to review it."),
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
    "unknown_request": mark("I can't find a request with that ID."),
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
    "account_gone": mark(
        "Your account is disabled or no longer in the directory, so your answer doesn't count."
    ),
}
