"""Parse what people type into commands; case, spacing and mentions don't matter."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from botbuilder.schema import Activity

from bot.handlers.history_commands import HISTORY_USAGES, HistoryCommand, read_history_command
from bot.handlers.request_line import read_asked
from bot.handlers.typed import bare, unquoted

# No pattern may scan far ahead from many positions: 200 KB of text would block the bot.
_MENTION = re.compile(r"<at\b[^<>]*>([^<>]*)</at>", re.IGNORECASE)
_LONGEST_ECHO = 40
_FILLERS = frozenset({"access", "id", "of", "request", "rotation", "secret", "the"})
"""Words that people put between a command and its argument."""
_BREAK_GLASS = (("break", "glass"), ("break-glass",), ("breakglass",))
_REQUEST = (
    ("request", "access", "to"),
    ("request", "secret"),
    ("request", "secrets"),
    ("request",),
)

USAGES = (
    ("request secret NAME", "Request access to a secret; a form asks for reason and duration"),
    ("request secret NAME for 2h because REASON", "The same in one line"),
    ("request secret NAME, NAME and NAME …", "Several secrets: one approval, one time window"),
    ("request secret NAME for EMAIL …", "The same for a colleague, if the policy allows it"),
    ("break glass NAME because REASON", "Get access at once, if the policy names you for it"),
    ("secrets", "List the secrets you can request, and who approves them"),
    ("my access", "Show your access and pending requests, and end or cancel them"),
    ("approvals", "Show requests waiting for your decision, and decide them"),
    ("status ID", "Show one of your requests, or one you approve"),
    ("cancel ID", "Withdraw your request before it's decided"),
    ("revoke ID", "End access early: yours, or one you approve"),
    ("rotate NAME", "Admins: show what a rotation would do, then ask before doing it"),
    ("plan NAME", "Admins: show what a rotation would do, without doing it"),
    ("rotations", "Admins: list rotated secrets, with their last and next runs"),
    ("retry ID", "Admins: retry a failed revocation or rotation now"),
    ("close ID because REASON", "Admins: close a revocation that can never succeed"),
    ("abandon ID because REASON", "Admins: end a rotation that can never finish, leaving it as is"),
    ("extend ID 1h", "Ask for more time before access expires"),
    ("stuck", "Admins: list failed revocations, stuck rotations, unreviewed break-glass access"),
    ("doctor", "Admins: check configuration and permissions"),
    *HISTORY_USAGES,
    ("help", "Show this list"),
)


@dataclass(frozen=True, slots=True)
class RequestSecret:
    """``request secret NAMES [for EMAIL] [for DURATION] [because REASON]``, as typed."""

    secrets: tuple[str, ...]
    duration: str | None
    justification: str | None
    for_whom: str = ""


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """``break glass NAMES [for DURATION] because REASON``, as typed."""

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
class RetryWorkflow:
    """``retry ID``: a rotation, or access that should have been revoked."""

    workflow_id: str


@dataclass(frozen=True, slots=True)
class CloseAccess:
    """``close ID because REASON``; if the reason is missing, the card asks for it."""

    workflow_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class AbandonRotation:
    """``abandon ID because REASON``; without a reason the command is refused."""

    rotation_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ExtendAccess:
    """``extend ID DURATION``, the duration as typed."""

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
    """``help``, or an empty message."""


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Anything else, with the closest usage, if there is one."""

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
    | RetryWorkflow
    | CloseAccess
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
    "retry": RetryWorkflow,
}
_WITH_REASON: Mapping[str, Callable[[str, str], Command]] = {
    "abandon": AbandonRotation,
    "close": CloseAccess,
}
_WITH_NAME: Mapping[str, Callable[[str], Command]] = {
    "rotate": RotateSecret,
    "plan": PlanRotation,
}


def read_command(text: str) -> Command:
    """Parse a command from text without mentions; never raises.

    Quotes, backticks and full stops around a word are ignored, except in a reason.
    """
    text = unquoted(text)
    typed = [bare(word) for word in text.split()]
    words = [word.casefold() for word in typed]
    if alone := _ALONE.get(" ".join(words)):
        return alone
    if history_access := read_history_command(text):
        return history_access
    if about := _read_about(typed, words) or _read_with_reason(text, words):
        return about
    if taken := read_asked(_after(text, words, _BREAK_GLASS)):
        # Nobody can break glass for someone else: an email is treated as an invalid duration.
        return BreakGlass(taken.secrets, taken.whom or taken.duration, taken.reason or "")
    if asked := read_asked(_after(text, words, _REQUEST)):
        return RequestSecret(asked.secrets, asked.duration, asked.reason, asked.whom)
    return NotUnderstood(text[:_LONGEST_ECHO], _nearest(words))


def _read_about(typed: Sequence[str], words: Sequence[str]) -> Command | None:
    """Parse a command about one id or name; filler words in between are skipped."""
    is_about_one = bool(words) and (words[0] in _WITH_ID or words[0] in _WITH_NAME)
    if is_about_one and len(words) == 3 and words[1] in _FILLERS:
        typed, words = (typed[0], typed[2]), (words[0], words[2])
    match words:
        case [verb, workflow_id] if verb in _WITH_ID:
            return _WITH_ID[verb](workflow_id)
        case [verb, _] if verb in _WITH_NAME:
            return _WITH_NAME[verb](typed[1])
        case ["extend", request_id, "by" | "for", *duration] if duration:
            return ExtendAccess(request_id, " ".join(duration))
        case ["extend", request_id, *duration] if duration:
            return ExtendAccess(request_id, " ".join(duration))
        case _:
            return None


def _read_with_reason(text: str, words: Sequence[str]) -> Command | None:
    """Parse ``VERB ID [because] REASON``, the reason as typed."""
    if len(words) < 2 or words[0] not in _WITH_REASON:
        return None
    reason = "".join(text.split(maxsplit=2)[2:])
    if words[2:3] == ["because"]:
        reason = "".join(reason.split(maxsplit=1)[1:])
    return _WITH_REASON[words[0]](words[1], reason)


def _after(text: str, words: Sequence[str], verbs: Sequence[tuple[str, ...]]) -> str:
    """Return the text after the first verb that starts the line; empty if none does."""
    for verb in verbs:
        if tuple(words[: len(verb)]) == verb:
            return "".join(text.split(maxsplit=len(verb))[len(verb) :])
    return ""


def _nearest(words: list[str]) -> str | None:
    if not words:
        return None
    by_first_word = {usage.split()[0]: usage for usage, _ in reversed(USAGES)}
    found = get_close_matches(words[0], by_first_word, n=1, cutoff=0.6)
    return by_first_word[found[0]] if found else None


def text_of(activity: Activity) -> str:
    """Return the typed text without mentions of the bot and with single spaces.

    Mentioned colleagues stay in the text by name, and line breaks are kept.
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
