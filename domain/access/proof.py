"""What the vaults' log showed of a grant once it had caught up, as it is on record."""

from dataclasses import dataclass
from datetime import datetime


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

    @property
    def is_whole(self) -> bool:
        """Whether all reads in the log are counted; there are more otherwise."""
        return self.first is not None or not self.count
