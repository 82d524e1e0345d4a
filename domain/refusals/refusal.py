"""What every refusal has."""

from typing import ClassVar

from domain.reasons import Param, Reason

_LONGEST_NAME = 127  # what Key Vault allows a secret's name


class Refusal(Exception):
    """Latchkey won't do what was asked; ``reason`` says why, by a code with parameters."""

    code: ClassVar[str] = ""

    blocks: bool = False
    """Whether the policy refuses this person: such an attempt is recorded and announced."""

    def __init__(self, *parts: Reason, **params: Param) -> None:
        self.reason = Reason(self.code, params, parts)
        super().__init__(str(self.reason))


def echoed(typed: str) -> str:
    """Return a secret's name as it was typed, as far as a name can be long."""
    return typed[:_LONGEST_NAME]
