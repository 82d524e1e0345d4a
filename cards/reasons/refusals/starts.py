"""What a person reads when access can't start as they asked."""

from collections.abc import Mapping

from cards.reasons.filling import Text, with_advice
from domain.phrases import mark

STARTS: Mapping[str, Text] = {
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
}
