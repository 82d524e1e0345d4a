"""The types of values in the policy file, with messages that say what each must be."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field

from domain.access.rules.hours import Hours, parse_hours
from domain.access.rules.policy import ScopeKind
from domain.access.rules.step_up_rule import StepUpAct
from domain.access.rules.ticket import LONGEST_PATTERN, is_safe_pattern
from domain.durations import parse_duration
from domain.rotation.secret_parts import pointer_steps
from services import values
from services.toml import matching, text

_LONGEST_HINT = 200
_LONGEST_PART = 200
_PATTERN = r"[0-9a-zA-Z*-]{1,127}"
_CONTEXT = r"c[1-9][0-9]?"


def _duration(text: str) -> timedelta:
    duration = parse_duration(text)
    if duration is None:
        raise ValueError("a duration like 45m, 24h or 90d")
    return duration


def _duration_or_none_at_all(text: str) -> timedelta:
    return timedelta() if text.strip() in {"0", "0s", "0m"} else _duration(text)


def _scope(text: str) -> ScopeKind:
    try:
        return ScopeKind(text)
    except ValueError:
        raise ValueError("vault or secret") from None


def _one_of(meanings: dict[str, bool]) -> BeforeValidator:
    """Read one of two words as a boolean."""

    def check(text: str) -> bool:
        try:
            return meanings[text]
        except KeyError:
            raise ValueError(" or ".join(meanings)) from None

    return text(check)


def _ticket(text: str) -> str:
    if not is_safe_pattern(text):
        raise ValueError(
            f"a regular expression of at most {LONGEST_PATTERN} characters, with at most one "
            "unbounded repetition and none inside another (docs/policy.md has an example)"
        )
    return text


def _hint(text: str) -> str:
    if not text.strip() or len(text) > _LONGEST_HINT:
        raise ValueError(f"a sentence of at most {_LONGEST_HINT} characters")
    return text.strip()


def _people(given: object) -> tuple[str, ...]:
    if not isinstance(given, list) or not given or not all(map(_is_principal, given)):
        raise ValueError("a list of emails, Entra object IDs or group:Name")
    return tuple(given)


def _is_principal(given: object) -> bool:
    return isinstance(given, str) and values.is_principal(given)


def _step_up(given: object) -> bool | str:
    if isinstance(given, bool):
        return given
    if not isinstance(given, str) or not re.fullmatch(_CONTEXT, given, re.ASCII):
        raise ValueError('true, false, or an authentication context from "c1" to "c99"')
    return given


def _acts(given: object) -> tuple[StepUpAct, ...]:
    known = [act.value for act in StepUpAct]
    if not isinstance(given, list) or not given or any(one not in known for one in given):
        raise ValueError(f"a list of {', '.join(known)}")
    return tuple(act for act in StepUpAct if act in given)


def _options(given: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(given, dict):
        raise ValueError("a table of options")  # noqa: TRY004 - pydantic reports ValueErrors
    return tuple((name, _option(one)) for name, one in given.items())


def _option(given: object) -> str:
    """Write an option as issuers read it: a list becomes comma-separated text."""
    match given:
        case bool():
            return str(given).lower()
        case str() | int() | float():
            return str(given)
        case list() if all(isinstance(one, str) for one in given):
            return ", ".join(given)
        case _:
            raise ValueError("a table of strings, lists of strings, numbers, true or false")


def _pointer(text: str) -> str:
    if pointer_steps(text) is None or len(text) > _LONGEST_PART:
        raise ValueError("a JSON pointer (RFC 6901) like /password or /database/password")
    return text


Names = Annotated[str, matching(_PATTERN, "a secret's name, where * matches anything")]
VaultName = Annotated[str, text(values.vault_name)]
IssuerName = Annotated[str, matching(r"[a-z0-9-]{1,64}", "the name of an issuer")]
Pointer = Annotated[str, text(_pointer)]
ConnectionKey = Annotated[
    str, matching(r"[A-Za-z][A-Za-z0-9 _.-]{0,99}", "the name of a key in a connection string")
]
Role = Annotated[str, text(values.role)]
Cron = Annotated[str, text(values.cron)]
TimeZone = Annotated[str, text(values.timezone)]
Scope = Annotated[ScopeKind, text(_scope)]
Duration = Annotated[timedelta, text(_duration)]
Jitter = Annotated[timedelta, text(_duration_or_none_at_all)]
People = Annotated[tuple[str, ...], BeforeValidator(_people)]
WeekHours = Annotated[Hours, text(parse_hours)]
Options = Annotated[tuple[tuple[str, str], ...], BeforeValidator(_options)]
Ticket = Annotated[str, text(_ticket)]
Hint = Annotated[str, text(_hint)]
Justification = Annotated[bool, _one_of({"required": True, "optional": False})]
"""Whether one is required."""
Extending = Annotated[bool, _one_of({"freely": True, "approval": False})]
"""Whether an extension needs no new approval."""
StepUp = Annotated[bool | str, BeforeValidator(_step_up)]
"""Whether a fresh sign-in is required, or the authentication context that it must satisfy."""
StepUpActs = Annotated[tuple[StepUpAct, ...], BeforeValidator(_acts)]
Hourly = Annotated[int, Field(ge=1, le=1_000)]
Members = Annotated[int, Field(ge=1, le=60)]
Count = Annotated[int, Field(ge=1, le=20)]
