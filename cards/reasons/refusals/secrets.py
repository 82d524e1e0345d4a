"""What a person reads when a secret can't be requested."""

from collections.abc import Mapping

from cards.reasons.filling import Text, with_advice
from domain.phrases import mark

SECRETS: Mapping[str, Text] = {
    "not_a_secret_name": mark(
        "That's not a valid secret name: use letters, digits and hyphens, at most 127."
    ),
    "secret_of_another_vault": mark(
        "That address is in the vault {theirs}. Here {secret} means the secret of that name in "
        "{ours}, so nothing was done. If that's the one you mean, type its name alone."
    ),
    "not_requestable": mark(
        "{secret} can't be requested here: it isn't on the list of requestable secrets. "
        "Ask an admin if it should be."
    ),
    "unknown_secret": with_advice(
        mark("There's no secret named {secret} in {vault}."),
        mark("Check the spelling, or ask its owner."),
    ),
    "disabled_secret": with_advice(
        mark(
            "{secret} exists in {vault}, but its current version is disabled, so no one can"
            " read it."
        ),
        mark("Ask its owner to enable or renew it."),
    ),
    "could_not_end": mark("{parts} No request was made: an admin has to look into it."),
}
