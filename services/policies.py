"""Which policy covers a secret."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from domain.policy import Policy


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies of a deployment; ``defaults`` with the secret's name is each one's policy."""

    defaults: Policy
    requestable: tuple[str, ...]

    def of(self, secret: str) -> Policy | None:
        """Return a secret's policy under its configured spelling; None where none covers it.

        Key Vault compares names without regard to case, and so does the list.
        """
        listed = next((name for name in self.requestable if name.lower() == secret.lower()), None)
        return replace(self.defaults, secret=listed) if listed else None

    def all(self) -> Iterable[Policy]:
        return (replace(self.defaults, secret=name) for name in self.requestable)
