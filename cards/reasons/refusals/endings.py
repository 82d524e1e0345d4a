"""What a person reads when they can't end access, or a request for it."""

from collections.abc import Mapping

from cards.reasons.filling import Text, if_known
from domain.phrases import mark

ENDINGS: Mapping[str, Text] = {
    "not_yours_to_cancel": mark(
        "Only {requester}, who asked, can cancel this request. Its approvers can deny it while "
        "it's pending, and revoke it afterwards."
    ),
    "too_late_to_cancel": mark(
        "This request no longer waits for an approval, so it can't be cancelled. "
        "To give the access back, type revoke {request_id}."
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
}
