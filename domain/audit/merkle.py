"""A Merkle root over texts: one hash that vouches for all of them, in their order.

As in RFC 6962, leaves and nodes are hashed with different prefixes, so that no node can be passed
off as a leaf, and no text is counted twice to fill up a level.
"""

from collections.abc import Sequence
from hashlib import sha256

_LEAF = b"\x00"
_NODE = b"\x01"


def merkle_root(texts: Sequence[str]) -> str:
    """Return the root; that of no texts is the hash of nothing."""
    level = [sha256(_LEAF + text.encode()).digest() for text in texts]
    if not level:
        return sha256().hexdigest()
    while len(level) > 1:
        pairs = [level[at : at + 2] for at in range(0, len(level), 2)]
        # The last node of an odd level moves up as it is.
        level = [sha256(_NODE + b"".join(pair)).digest() if pair[1:] else pair[0] for pair in pairs]
    return level[0].hex()
