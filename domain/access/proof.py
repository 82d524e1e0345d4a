"""What the vaults' log showed of a grant once it had caught up, as it is on record."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenReads:
    """The reads of one of a grant's secrets."""

    secret: str
    count: int
    first: datetime | None
    """As in ``ProofOfUse``."""
    last: datetime
    operations: tuple[str, ...] = ()
    """Key Vault's names for how it was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofOfUse:
    """The reads of a grant's secrets by its holder, according to the vaults' log."""

    is_known: bool
    """Whether the log could be asked."""
    count: int = 0
    first: datetime | None = None
    """None if there may be earlier ones than those counted, or if there are none."""
    last: datetime | None = None
    silent: tuple[str, ...] = ()
    """The names of the vaults that the log has nothing of."""
    secrets: tuple[ProvenReads, ...] = ()
    """Those that were read; empty too in what older versions recorded."""
    by_other_role: int = 0
    """How many were allowed by an assignment that isn't the grant's, as far as that is logged."""
    by_others: int = 0
    """How many have another caller than the holder, or none in the log."""
    of_other_secrets: int = 0
    """How many were of secrets that weren't requested, which a grant of the whole vault opens."""
    is_partial: bool = False
    """Whether the log's answer was incomplete: any may be missing then."""
    asked_at: datetime | None = None
    """When the log was asked; None in what older versions recorded."""

    @property
    def operations(self) -> tuple[str, ...]:
        """How the secrets were read, each operation once."""
        return tuple(sorted({name for one in self.secrets for name in one.operations}))

    @property
    def is_whole(self) -> bool:
        """Whether all reads in the log are counted; there are more otherwise."""
        return (self.first is not None or not self.count) and not self.is_partial
