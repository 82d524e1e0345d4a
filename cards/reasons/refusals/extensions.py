"""What a person reads when access isn't extended."""

from collections.abc import Mapping

from cards.languages.texts import say
from cards.reasons.filling import Filled, Text, with_advice
from domain.phrases import mark


def _extension_too_long(refused: Filled) -> str:
    if refused.number("most") > 0:
        return refused.fill(mark("At most {most:duration} more can be added."))
    return say("This access already lasts as long as allowed. Request it again once it has ended.")


EXTENSIONS: Mapping[str, Text] = {
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
}
