"""Finds misspelt variables, which would be silently ignored."""

from collections.abc import Iterable
from difflib import get_close_matches

_CLOSE = 0.855
"""How similar two names must be: one letter in seven may differ."""
_SHORTEST = 8
"""Shorter names, such as HOST, resemble too many others."""
_COPIES = "APPSETTING_"
"""App Service also sets each app setting under its name with this prefix."""
READ_BY_LIBRARIES = frozenset(
    {
        "AZURE_ADDITIONALLY_ALLOWED_TENANTS",
        "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN",
        "AZURE_PASSWORD",
        "AZURE_REGIONAL_AUTHORITY_NAME",
        "AZURE_TOKEN_CREDENTIALS",
        "AZURE_USERNAME",
        "IDENTITY_ENDPOINT",
        "IDENTITY_HEADER",
        "IDENTITY_SERVER_THUMBPRINT",
        "MSI_ENDPOINT",
        "MSI_SECRET",
        "NO_PROXY",
        "REQUESTS_CA_BUNDLE",
        "SSL_CERT_FILE",
    }
)


def misspelt(given: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return a warning for each unknown name that resembles a known one."""
    names = frozenset(known)
    by_letters = {_letters(name): name for name in names if len(name) >= _SHORTEST}
    said = []
    for name in sorted(frozenset(given) - names - READ_BY_LIBRARIES):
        if name.upper().startswith(_COPIES):
            continue
        if near := get_close_matches(_letters(name), by_letters, n=1, cutoff=_CLOSE):
            said.append(f"{name} is ignored: did you mean {by_letters[near[0]]}?")
    return said


def _letters(name: str) -> str:
    """Normalise a name for comparison, ignoring case and underscores."""
    return name.replace("_", "").upper()
