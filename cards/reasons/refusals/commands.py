"""What a person reads when a command isn't carried out, whatever it is for."""

from collections.abc import Mapping

from cards.reasons.filling import Text, with_advice
from domain.phrases import mark

COMMANDS: Mapping[str, Text] = {
    "reason_too_long": with_advice(
        mark("Your text has {length} characters; {longest} is the most, so nothing was done."),
        mark("Put the details in a ticket and name the ticket."),
    ),
    "plan_cancelled": mark(
        "{who} cancelled this on {at:minute}: nothing was started. "
        "If it's still needed, type the command again."
    ),
}
