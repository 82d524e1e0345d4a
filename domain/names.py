"""Lists of names in sentences."""

from collections.abc import Sequence


def listed(names: Sequence[str]) -> str:
    """Join names for a sentence: ``a, b and c``."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
