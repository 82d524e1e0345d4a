"""The names of settings: App Service does not tell ``API_KEY`` from ``api_key``.

Azure/azure-cli#13673: a PUT with both spellings is a conflict; one with another spelling than the
present one renames the setting, so whoever writes settings keeps the app's own spelling.
"""

from collections.abc import Collection, Iterable
from difflib import get_close_matches

_ALIKE = 0.6
"""How much of two names has to be the same, from 0 to 1, for one to be meant by the other."""


def spelling_of(name: str, names: Collection[str]) -> str | None:
    """Return a setting's name as the app spells it; None where there is none such."""
    if name in names:
        return name
    return next((each for each in names if each.lower() == name.lower()), None)


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the existing name that may be meant by one that does not exist."""
    by_lower = {each.lower(): each for each in names}
    near = get_close_matches(name.lower(), by_lower, n=1, cutoff=_ALIKE)
    return by_lower[near[0]] if near else None
