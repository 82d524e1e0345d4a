"""What people type, read as commands; case, spacing and mentions are forgiven."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from botbuilder.schema import Activity

from bot.history_commands import HISTORY_USAGES, HistoryCommand, read_history_command
from domain.access_rules import distinct

# Nothing here may look far ahead from many places: whoever writes 200 KB would halt the bot.
_MENTION = re.compile(r"<at\b[^<>]*>([^<>]*)</at>", re.IGNORECASE)
# Names with commas, ``and`` or ``&`` between them. The word ``for`` or ``because`` ends the list,
# unless it is where the first name has to be. What has been read as a name stays one (``++``).
_SEPARATOR = r"(?:\s*[,&]\s*(?:and\s+|&\s*)?|\s+and\s+)"
_NAMES = (
    r"(?P<secrets>[^\s,&]++"
    rf"(?:{_SEPARATOR}(?!(?:for|because)(?:\s|$))[^\s,&]++)*+),?"
)
_REQUEST = re.compile(
    rf"request(?:\s+secrets?)?\s+{_NAMES}"
    r"(?:\s+for\s+(?P<whom>[^\s@]{1,256}@[^\s@]{1,256}))?"
    r"(?:\s+for\s+(?P<duration>(?:(?!\bbecause\b).)+?))?"
    r"(?:\s+because(?:\s+(?P<justification>.+))?)?",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_ECHO = 40

_BREAK_GLASS = re.compile(
    rf"break[\s-]?glass\s+{_NAMES}"
    r"(?:\s+for\s+(?P<duration>(?:(?!\bbecause\b).)+?))?"
    r"(?:\s+because(?:\s+(?P<justification>.+))?)?",
    re.IGNORECASE | re.DOTALL,
)

_ABANDON = re.compile(
    r"abandon\s+(?P<id>\S{1,64})(?:\s+because(?:\s+(?P<reason>.+))?)?",
    re.IGNORECASE | re.DOTALL,
)

USAGES = (
    ("request secret NAME", "Ask for access to a secret; a form takes the reason and the duration"),
    ("request secret NAME for 2h because REASON", "The same in one line"),
    ("request secret NAME, NAME and NAME …", "Several at once: one decision, one window"),
    ("request secret NAME for EMAIL …", "The same for a colleague, where the policy lets you"),
    ("break glass NAME because REASON", "Take access at once, where the policy names you for it"),
    ("secrets", "List what can be requested, and who approves it"),
    ("my access", "Show what you can read now and what you wait for, and end or cancel it"),
    ("approvals", "Show what waits for your decision, and decide it"),
    ("status ID", "Show a request of yours, or one that you approve, as it stands"),
    ("cancel ID", "Withdraw your request while nobody has decided it"),
    ("revoke ID", "End access before its time: yours, or one that you approve"),
    ("rotate NAME", "Admins: show what a rotation would do, and ask before doing it"),
    ("plan NAME", "Admins: show what a rotation would do, and do nothing"),
    ("rotations", "Admins: list rotated secrets, with their last and next runs"),
    ("retry ID", "Admins: go on with a rotation that needed a human"),
    ("abandon ID because REASON", "Admins: end a rotation that can never finish, as it is"),
    ("extend ID 1h", "Ask for more time while access lasts"),
    ("stuck", "Admins: list what will not end, since when and why"),
    ("doctor", "Admins: check that everything is configured and permitted"),
    *HISTORY_USAGES,
    ("help", "Show this list"),
)


@dataclass(frozen=True, slots=True)
class RequestSecret:
    """``request secret NAMES [for EMAIL] [for DURATION] [because REASON]``, as it was typed."""

    secrets: tuple[str, ...]
    duration: str | None
    justification: str | None
    for_whom: str = ""


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """``break glass NAMES [for DURATION] because REASON``, each part as it was typed."""

    secrets: tuple[str, ...]
    duration: str | None
    justification: str


@dataclass(frozen=True, slots=True)
class ListSecrets:
    """``secrets``."""


@dataclass(frozen=True, slots=True)
class MyAccess:
    """``my access``."""


@dataclass(frozen=True, slots=True)
class ListApprovals:
    """``approvals``."""


@dataclass(frozen=True, slots=True)
class ShowStatus:
    """``status ID``."""

    workflow_id: str


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """``cancel ID``."""

    request_id: str


@dataclass(frozen=True, slots=True)
class RevokeAccess:
    """``revoke ID``."""

    request_id: str


@dataclass(frozen=True, slots=True)
class RotateSecret:
    """``rotate NAME``."""

    secret: str


@dataclass(frozen=True, slots=True)
class PlanRotation:
    """``plan NAME``."""

    secret: str


@dataclass(frozen=True, slots=True)
class RetryRotation:
    """``retry ID``."""

    rotation_id: str


@dataclass(frozen=True, slots=True)
class AbandonRotation:
    """``abandon ID because REASON``; the reason may be missing, which is told then."""

    rotation_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ExtendAccess:
    """``extend ID DURATION``, the duration as it was typed."""

    request_id: str
    duration: str


@dataclass(frozen=True, slots=True)
class ListRotations:
    """``rotations``."""


@dataclass(frozen=True, slots=True)
class ListStuck:
    """``stuck``."""


@dataclass(frozen=True, slots=True)
class Examine:
    """``doctor``."""


@dataclass(frozen=True, slots=True)
class Help:
    """``help``, or nothing at all."""


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Anything else, with the usage that comes nearest, if one does."""

    typed: str
    nearest: str | None


Command = (
    RequestSecret
    | BreakGlass
    | ListSecrets
    | MyAccess
    | ListApprovals
    | ShowStatus
    | CancelRequest
    | RevokeAccess
    | RotateSecret
    | PlanRotation
    | RetryRotation
    | AbandonRotation
    | ListRotations
    | ExtendAccess
    | ListStuck
    | Examine
    | HistoryCommand
    | Help
    | NotUnderstood
)


_ALONE: Mapping[str, Command] = {
    "": Help(),
    "help": Help(),
    "hi": Help(),
    "hello": Help(),
    "?": Help(),
    "secrets": ListSecrets(),
    "my access": MyAccess(),
    "approvals": ListApprovals(),
    "rotations": ListRotations(),
    "stuck": ListStuck(),
    "doctor": Examine(),
}
_WITH_ID: Mapping[str, Callable[[str], Command]] = {
    "status": ShowStatus,
    "cancel": CancelRequest,
    "revoke": RevokeAccess,
    "retry": RetryRotation,
}
_WITH_NAME: Mapping[str, Callable[[str], Command]] = {
    "rotate": RotateSecret,
    "plan": PlanRotation,
}


def read_command(text: str) -> Command:
    """Read a command from the text that is left without mentions."""
    words = text.casefold().split()
    if alone := _ALONE.get(" ".join(words)):
        return alone
    if past := read_history_command(text):
        return past
    match words:
        case [verb, workflow_id] if verb in _WITH_ID:
            return _WITH_ID[verb](workflow_id)
        case [verb, _] if verb in _WITH_NAME:
            return _WITH_NAME[verb](text.split()[1])
        case ["extend", request_id, *duration] if duration:
            return ExtendAccess(request_id, " ".join(duration).removeprefix("by "))
    if given_up := _ABANDON.fullmatch(text):
        return AbandonRotation(given_up["id"].lower(), given_up["reason"] or "")
    if taken := _BREAK_GLASS.fullmatch(text):
        names = _names_in(taken["secrets"])
        return BreakGlass(names, taken["duration"], taken["justification"] or "")
    request = _REQUEST.fullmatch(text)
    if request and words not in (["request", "secret"], ["request", "secrets"]):
        return RequestSecret(
            _names_in(request["secrets"]),
            request["duration"],
            request["justification"],
            request["whom"] or "",
        )
    return NotUnderstood(text[:_LONGEST_ECHO], _nearest(words))


def _names_in(text: str) -> tuple[str, ...]:
    """Return the names of a list that was typed, each once."""
    return distinct(re.split(_SEPARATOR, text, flags=re.IGNORECASE))


def _nearest(words: list[str]) -> str | None:
    by_first_word = {usage.split()[0]: usage for usage, _ in reversed(USAGES)}
    found = get_close_matches(words[0], by_first_word, n=1, cutoff=0.6)
    return by_first_word[found[0]] if found else None


def text_of(activity: Activity) -> str:
    """Return what was typed, without mentions of the bot and with single spaces.

    Colleagues who are mentioned stay in the text by their names, and lines stay lines.
    """
    text = str(activity.text or "")
    for mention in _mentions_of_bot(activity):
        text = text.replace(mention, " ")
    text = _MENTION.sub(r"\1", text)
    text = text.replace("&nbsp;", " ").replace("\u200b", " ")
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def _mentions_of_bot(activity: Activity) -> Iterator[str]:
    bot_id = activity.recipient.id if activity.recipient else None
    for entity in activity.entities or ():
        particulars = entity.additional_properties
        mentioned, text = particulars.get("mentioned"), particulars.get("text")
        is_bot = isinstance(mentioned, dict) and mentioned.get("id") == bot_id
        if is_bot and isinstance(text, str) and text:
            yield text
