"""Lists of names: in facts, where they are in no language, and in English sentences."""

from collections.abc import Sequence


def joined(names: Sequence[str]) -> str:
    """Join names for a fact of an event; cards list them. Older versions stored ``a, b and c``."""
    return ", ".join(names)


def listed(names: Sequence[str]) -> str:
    """Join names for an English sentence: ``a, b and c``."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
