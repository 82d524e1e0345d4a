"""Finds misspelt variables, which would be silently ignored."""

from collections.abc import Iterable
from difflib import get_close_matches

_CLOSE = 0.855
"""How similar two names must be: one letter in seven may differ."""
_SHORTEST = 8
"""Shorter names, such as HOST, resemble too many others."""
_COPIES = "APPSETTING_"
"""App Service also sets each app setting under its name with this prefix."""
READ_BY_LIBRARIES = {
    "HTTPS_PROXY": "the proxy for connections to Azure and Teams",
    "NO_PROXY": "hosts to connect to without it, separated by commas",
    "SSL_CERT_FILE": "a PEM file with the authorities to trust, instead of the system's",
    "SSL_CERT_DIR": "a folder with them",
    "IDENTITY_ENDPOINT": "where the managed identity gets its tokens; Azure sets it",
    "IDENTITY_HEADER": "what is sent there to be let in; Azure sets it",
}
"""Variables that libraries read, and what they mean; docs/variables.md has them too."""
_OF_OTHERS = frozenset(
    {
        "AZURE_ADDITIONALLY_ALLOWED_TENANTS",
        "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN",
        "AZURE_PASSWORD",
        "AZURE_REGIONAL_AUTHORITY_NAME",
        "AZURE_TOKEN_CREDENTIALS",
        "AZURE_USERNAME",
        "IDENTITY_SERVER_THUMBPRINT",
        "MSI_ENDPOINT",
        "MSI_SECRET",
        "REQUESTS_CA_BUNDLE",
    }
)
"""Variables that are set for other programs, or by the platform for older ones."""


def misspelt(given: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return a warning for each unknown name that resembles a known one."""
    names = frozenset(known)
    by_letters = {_letters(name): name for name in names if len(name) >= _SHORTEST}
    said = []
    for name in sorted(frozenset(given) - names - READ_BY_LIBRARIES.keys() - _OF_OTHERS):
        if name.upper().startswith(_COPIES):
            continue
        if near := get_close_matches(_letters(name), by_letters, n=1, cutoff=_CLOSE):
            said.append(f"{name} is ignored: did you mean {by_letters[near[0]]}?")
    return said


def _letters(name: str) -> str:
    """Normalise a name for comparison, ignoring case and underscores."""
    return name.replace("_", "").upper()
