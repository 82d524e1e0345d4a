"""What a person reads when a record isn't shown."""

from collections.abc import Mapping

from cards.reasons.filling import Text
from domain.phrases import mark

RECORDS: Mapping[str, Text] = {
    "nothing_to_see": mark("I can't find a request or rotation with that ID that you can see."),
    "unreadable_period": mark("I can't read that period. Write it like last 7d or last 12h."),
    "period_too_long": mark("That's too long: the period can be {longest:duration} at most."),
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
}
