"""What a person reads when a request isn't made."""

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


REQUESTS: Mapping[str, Text] = {
    "of_several": _of_several,
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
    "may_not_be_asked_for": mark("{name} isn't one of the people who can have access to {secret}."),
    "nobody_of_that_name": with_advice(
        mark("I can't find the person you're asking for."),
        mark("Write their email as the directory has it."),
    ),
    "blocked": "{parts}",
    "too_many_requests": _too_many_requests,
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
    "form_closed": mark("This form is no longer open. Type the request again to get a new one."),
    "not_your_form": mark(
        "This form belongs to the person who asked for it. Type your own request to get yours."
    ),
    "only_about_yourself": mark(
        "You can ask that about yourself. About other people, only admins and the secret's "
        "approvers can."
    ),
}
