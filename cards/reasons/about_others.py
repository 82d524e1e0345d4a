"""What others read when Latchkey didn't do what a person asked: it names the person.

``{person}`` is who asked or acted. It's only here if the text for themselves says "you", or tells
them what to do.
"""

from collections.abc import Mapping

from cards.reasons.filling import Filled, Text, if_known
from domain.phrases import mark


def _too_many_requests(refused: Filled) -> str:
    if refused.number("most") == 1:
        return refused.fill(
            mark(
                "{person} had already asked for access or more time once in the last hour, which "
                "is the limit here."
            )
        )
    return refused.fill(
        mark(
            "{person} had already asked for access or more time {most} times in the last hour, "
            "which is the limit here."
        )
    )


ABOUT_OTHERS: Mapping[str, Text] = {
    "not_requestable": mark(
        "{secret} can't be requested here: it isn't on the list of requestable secrets."
    ),
    "may_not_ask": mark("{person} isn't one of the people who can request {secret}."),
    "guests_may_not_ask": mark("{person} is a guest, and guests can't request {secret}."),
    "not_in_directory": mark(
        "{person} has no enabled account in the directory, and guests can't request {secret}."
    ),
    "may_not_ask_for_others": if_known(
        "name",
        mark("{person} can't request {secret} for {name}."),
        mark("{person} can't request {secret} for someone else."),
    ),
    "may_not_break_glass": mark(
        "{person} isn't one of the people who can take break-glass access to {secret}."
    ),
    "nobody_can_approve": if_known(
        "whom",
        mark(
            "I couldn't find enough people other than {person} and {whom} to approve access to "
            "{secret}, so no request was made."
        ),
        mark(
            "I couldn't find enough people other than {person} to approve access to {secret}, so "
            "no request was made."
        ),
    ),
    "nobody_of_that_name": mark("The person {person} asked for can't be found."),
    "justification_missing": mark("The request didn't say why access is needed."),
    "reason_too_long": mark("{person}'s text has {length} characters; {longest} is the most."),
    "directory_unavailable": mark(
        "The directory gave no answer, so it couldn't be told whether {person} can do that."
    ),
    "directory_not_permitted": mark(
        "Latchkey doesn't have permission to look this up in the directory, so it couldn't be told "
        "whether {person} can do that."
    ),
    "too_many_requests": _too_many_requests,
    "self_approval": mark(
        "This request is {person}'s own, or for them: someone else has to decide it."
    ),
    "already_approved": mark(
        "{person} has already approved this; it's waiting for another approver."
    ),
    "account_gone": mark(
        "{person}'s account is disabled or no longer in the directory, so their answer doesn't "
        "count."
    ),
    "sign_in_of_another_tenant": mark("{person} signed in to another organisation."),
    "signed_in_as_someone_else": mark(
        "{person} signed in with another account than the one they use in Teams."
    ),
    "sign_in_undated": mark(
        "Microsoft Entra didn't say when {person} signed in, so it can't be checked that this was "
        "just now. An admin has to look at the sign-in's app registration."
    ),
    "sign_in_too_old": mark(
        "{person} signed in more than {max_age:duration} before, which is too long here."
    ),
}
