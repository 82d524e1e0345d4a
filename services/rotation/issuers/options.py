"""An issuer's options as a policy gives them: names and texts."""

from collections.abc import Collection, Sequence

Options = Sequence[tuple[str, str]]


def unknown_options(options: Options, known: Collection[str]) -> list[str]:
    """Return an error for each option that the issuer doesn't have."""
    expected = ", ".join(sorted(known))
    return [
        f"{name}: no such option; there are {expected}" for name, _ in options if name not in known
    ]


def missing_options(options: Options, required: Collection[str]) -> list[str]:
    """Return an error for each required option that is missing."""
    given = {name for name, text in options if text}
    return [f"{name}: is required" for name in sorted(required) if name not in given]
