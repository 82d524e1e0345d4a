"""The request form: why access is needed, and for how long."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from microsoft_teams.cards import CardElement, ExecuteAction, TextInput

from cards.access.forms.emergency_form import emergency_header, reviewed_by, take_access
from cards.kit import text, verbs
from cards.kit.elements import Content, Field, card, fields, header, paragraph, run
from cards.kit.form_error import form_error
from cards.kit.times import duration
from cards.kit.tone import Tone
from cards.languages.texts import listed, say, say_as
from domain.access.rules.policy import LONGEST_JUSTIFICATION, USUAL_JUSTIFICATION, JustificationRule
from domain.durations import write_duration
from domain.people import Group

JUSTIFICATION = "justification"
DURATION = "duration"
START = "start"
INPUTS = (JUSTIFICATION, DURATION, START)
"""The ids of the inputs, which are the keys of what was typed in a click's data."""

_USUAL_WINDOW = timedelta(hours=1)
_LONGEST_DURATION_TEXT = 40
_LONGEST_START_TEXT = 40
_DURATIONS = "45m, 2h, 1h30m"  # the same in every language
LONGEST_KEPT = 5_000
"""How much of a justification is shown again for correction: more than is accepted, so no one
loses text by writing too much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestForm:
    """The state of a form: what and whom it is for, what was typed, and the error in it."""

    form_id: str
    secrets: tuple[str, ...]
    vaults: tuple[str, ...]
    """The secrets' vaults, each once."""
    approvers: tuple[str, ...]
    """Display names of the approvers."""
    groups: tuple[str, ...] = ()
    """Names of the groups whose members approve too."""
    shortest: timedelta
    longest: timedelta
    typed: Mapping[str, str] = field(default_factory=dict)
    """What was typed before, by the ids of the inputs."""
    error: str = ""
    """What is wrong with the input, as a sentence."""
    rules: tuple[JustificationRule, ...] = (USUAL_JUSTIFICATION,)
    """The rules for the justification; each secret may have its own."""
    for_name: str = ""
    """The grantee's name, if it isn't the requester."""
    time_zone: str = ""
    """In which zone a start is typed: an IANA name or an offset; empty for UTC."""
    start_within: timedelta = timedelta()
    """How far ahead access can start; zero if it can't be planned."""
    emergency: bool = False
    """Whether it is for break-glass access, which nobody approves beforehand."""


def request_form(form: RequestForm) -> Content:
    """Draw the form, with the previous input and its error."""
    if form.emergency:
        return _emergency_form(form)
    body: list[CardElement] = [
        header(say("Request access"), say("Why do you need it, and for how long?"), Tone.INFO),
        *form_error(form.error),
        *_what(form),
        *(
            fields([Field(say_as("person", "For"), text.line(form.for_name))])
            if form.for_name
            else []
        ),
        *fields([Field(say("Approvers"), _approvers(form))]),
        _justification(form),
        _duration(form),
        *([_start(form)] if form.start_within else []),
    ]
    return card(body, [_submit(form), _cancel(form)])


def _emergency_form(form: RequestForm) -> Content:
    body: list[CardElement] = [
        emergency_header(),
        *form_error(form.error),
        *_what(form),
        *reviewed_by(_approvers(form)),
        _justification(form),
        _duration(form),
    ]
    return card(body, [take_access(form.form_id), _cancel(form)])


def request_form_closed(sentence: str) -> Content:
    """Draw the closed form."""
    band = header(say("Request access"), say("Closed"), Tone.QUIET)
    return card([band, paragraph(run(text.line(sentence)))])


def _what(form: RequestForm) -> list[CardElement]:
    """Draw the secrets and vaults; several secrets get their own line."""
    secrets = Field(
        say("Secret") if len(form.secrets) == 1 else say("Secrets"),
        listed([text.id_of(secret) for secret in form.secrets]),
    )
    vaults = Field(
        say("Vault") if len(form.vaults) == 1 else say("Vaults"),
        listed([text.id_of(vault) for vault in form.vaults]),
    )
    if len(form.secrets) == 1:
        return fields([secrets, vaults])
    return [*fields([secrets]), *fields([vaults])]


def _approvers(form: RequestForm) -> str:
    people = [text.line(name, text.LONGEST_NAME) for name in form.approvers]
    groups = [text.members_of(Group(name, name)) for name in form.groups]
    return listed([*people, *groups])


def _justification(form: RequestForm) -> TextInput:
    needed = any(rule.asks_for_something for rule in form.rules)
    return TextInput(
        id=JUSTIFICATION,
        label=say("Justification") if needed else say("Justification (optional)"),
        placeholder=_what_to_say(form.rules),
        is_required=needed,
        error_message=say(
            "Say why you need it, in at most {most} characters.", most=LONGEST_JUSTIFICATION
        ),
        is_multiline=True,
        max_length=LONGEST_JUSTIFICATION,
        value=text.typed(form.typed.get(JUSTIFICATION, ""), LONGEST_KEPT) or None,
        spacing="Large",
    )


def _what_to_say(rules: tuple[JustificationRule, ...]) -> str:
    hints = dict.fromkeys(rule.hint for rule in rules if rule.hint)
    if hints:
        said = text.typed(listed(list(hints)), LONGEST_KEPT)
        return say("Include the ticket: {hint}", hint=said)
    if any(rule.ticket for rule in rules):
        return say("What you'll do with it, and the ticket")
    return say("What you'll do with it, and the ticket if there is one")


def _duration(form: RequestForm) -> TextInput:
    usual = max(form.shortest, min(_USUAL_WINDOW, form.longest))
    return TextInput(
        id=DURATION,
        label=say(
            "For how long ({shortest} to {longest})",
            shortest=duration(form.shortest),
            longest=duration(form.longest),
        ),
        placeholder=_DURATIONS,
        is_required=True,
        error_message=say("Enter a duration, like 45m, 2h or 1h30m."),
        max_length=_LONGEST_DURATION_TEXT,
        value=text.typed(form.typed.get(DURATION, ""), _LONGEST_DURATION_TEXT)
        or write_duration(usual),
    )


def _start(form: RequestForm) -> TextInput:
    return TextInput(
        id=START,
        label=say(
            "Start (optional, in {zone}, at most {within} ahead)",
            zone=_zone(form.time_zone),
            within=duration(form.start_within),
        ),
        placeholder=say("22:00, 22:00 tomorrow, 2026-12-01 22:00"),
        max_length=_LONGEST_START_TEXT,
        value=text.typed(form.typed.get(START, ""), _LONGEST_START_TEXT) or None,
    )


def _zone(name: str) -> str:
    """Name the zone in which a start is read: ``Europe/Berlin time``, ``UTC+05:30`` or ``UTC``."""
    if not name or name == "+00:00":
        return "UTC"
    return f"UTC{name}" if name[0] in "+-" else say("{zone} time", zone=text.id_of(name))


def _submit(form: RequestForm) -> ExecuteAction:
    return ExecuteAction(
        title=say("Send for approval"),
        verb=verbs.SUBMIT,
        data={verbs.FORM: form.form_id},
        style="positive",
    )


def _cancel(form: RequestForm) -> ExecuteAction:
    return ExecuteAction(
        title=say("Cancel"),
        verb=verbs.CANCEL,
        data={verbs.FORM: form.form_id},
        associated_inputs="none",
    )
