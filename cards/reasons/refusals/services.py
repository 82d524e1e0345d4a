"""What a person reads when a service doesn't answer."""

from collections.abc import Mapping

from cards.reasons.filling import Text, with_advice
from domain.phrases import mark

SERVICES: Mapping[str, Text] = {
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
}
