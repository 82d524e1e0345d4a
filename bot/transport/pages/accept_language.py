"""The language that a browser asks for."""

from cards.languages.language import ENGLISH, LANGUAGES, Language, language_of


def accepted_language(header: str) -> Language:
    """Return the one of our languages that an ``Accept-Language`` header prefers.

    English if it names none of them. Source: RFC 9110, section 12.5.4.
    """
    best, most = ENGLISH, 0.0
    for each in header.split(","):
        tag, _, parameter = each.partition(";")
        weight = _weight(parameter)
        if weight > most and _subtag(tag) in LANGUAGES:
            best, most = language_of(tag.strip()), weight
    return best


def _subtag(tag: str) -> str:
    return tag.strip().partition("-")[0].lower()


def _weight(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
