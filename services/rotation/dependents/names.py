"""The names of settings: App Service treats ``API_KEY`` and ``api_key`` as one name.

Azure/azure-cli#13673: a PUT with both spellings is a conflict. A PUT with a spelling other than the
app's renames the setting, so writers keep the app's spelling.
"""

from collections.abc import Collection, Iterable
from difflib import get_close_matches

_ALIKE = 0.6
"""How similar two names have to be, from 0 to 1, to suggest one for the other."""


def spelling_of(name: str, names: Collection[str]) -> str | None:
    """Return a setting's name as the app spells it; None if there is no such setting."""
    if name in names:
        return name
    return next((each for each in names if each.lower() == name.lower()), None)


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the existing name that is closest to a missing one; None if none is close."""
    by_lower = {each.lower(): each for each in names}
    near = get_close_matches(name.lower(), by_lower, n=1, cutoff=_ALIKE)
    return by_lower[near[0]] if near else None
