"""Why an answer to a policy file doesn't count."""

from domain.refusals.refusal import Refusal


class PolicyFileDecided(Refusal):
    code = "policy_file_decided"

    def __init__(self, outcome: str, who: str) -> None:
        """Take ``accepted`` or ``rejected``, and by whom."""
        super().__init__(outcome=outcome, who=who)


class PolicyFileReplaced(Refusal):
    """The policy file that the card is about isn't the one that waits."""

    code = "policy_file_replaced"
