"""What a person reads when they can't do something, or a person isn't found."""

from collections.abc import Mapping

from cards.reasons.filling import Text, with_advice
from domain.phrases import mark

PEOPLE: Mapping[str, Text] = {
    "not_an_admin": mark("Only admins can do that. Ask one of them."),
    "unknown_person": mark(
        "I can't find {who} in the directory. Write @ and their email or Entra object ID."
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
}
