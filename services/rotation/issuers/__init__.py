"""What makes new values: one file each, known to policies by its ``NAME``."""

from collections.abc import Callable, Mapping

from services.rotation.issuers import app_registration, random, storage_account
from services.rotation.issuers.options import Options

OPTION_CHECKS: Mapping[str, Callable[[Options], list[str]]] = {
    random.NAME: random.check_options,
    storage_account.NAME: storage_account.check_options,
    app_registration.NAME: app_registration.check_options,
}
"""For each issuer, what says which of a policy's options for it are wrong, each by name."""

OF_ONE_SECRET: Mapping[str, tuple[str, str]] = {
    storage_account.NAME: ("account", "its two keys take turns, for one secret alone"),
}
"""For issuers whose credentials serve one secret alone: the option that says of what, and why."""


def issues_credentials(issuer: str) -> bool:
    """Say whether an issuer names what it issues, in a tag of the version."""
    return issuer != random.NAME


def keeps_structure(issuer: str, options: Options) -> bool:
    """Say whether an issuer makes a whole connection string, and checks the one before it."""
    return (
        issuer == storage_account.NAME
        and dict(options).get("format") == storage_account.CONNECTION_STRING
    )


def may_end(issuer: str) -> bool:
    """Say whether what an issuer makes has an end of its own, known once it is made."""
    return issuer == app_registration.NAME
