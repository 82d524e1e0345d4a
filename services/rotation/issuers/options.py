"""An issuer's options as a policy gives them: names with texts."""

from collections.abc import Collection, Sequence

Options = Sequence[tuple[str, str]]


def unknown_options(options: Options, known: Collection[str]) -> list[str]:
    """Return a fault for each option that the issuer does not have."""
    expected = ", ".join(sorted(known))
    return [
        f"{name}: no such option; there are {expected}" for name, _ in options if name not in known
    ]


def missing_options(options: Options, required: Collection[str]) -> list[str]:
    """Return a fault for each option that the issuer cannot do without."""
    given = {name for name, text in options if text}
    return [f"{name}: is required" for name in sorted(required) if name not in given]
