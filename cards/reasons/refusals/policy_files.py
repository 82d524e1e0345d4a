"""What a person reads when their answer to a policy file doesn't count."""

from collections.abc import Mapping

from cards.reasons.filling import Filled, Text
from domain.phrases import mark


def _policy_file_decided(refused: Filled) -> str:
    if refused.text("outcome") == "accepted":
        return refused.fill(mark("{who} has already accepted this policy file."))
    return refused.fill(mark("{who} has already rejected this policy file."))


POLICY_FILES: Mapping[str, Text] = {
    "policy_file_decided": _policy_file_decided,
    "policy_file_replaced": mark(
        "The policy file has changed since this card, so nothing was done. The audit channel has "
        "the newest one."
    ),
}
