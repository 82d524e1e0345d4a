"""The dialog that asks why and for how long access is needed.

It is one step that repeats until the form is valid. Its whole state is the few primitive values
that the form is drawn from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypedDict

from cards.access.forms.request_form import (
    DURATION,
    JUSTIFICATION,
    START,
    RequestForm,
    request_form,
    request_form_closed,
)
from cards.kit import verbs
from cards.kit.elements import Content
from cards.languages.texts import say
from cards.reasons.sentences import sentence_of
from dialogs.form_click import FormClick
from domain.access.request import RequestDraft
from domain.access.rules.policy import JustificationRule, decide_justification, decide_window
from domain.access.transitions.starts import decide_start
from domain.durations import parse_duration
from domain.refusals.refusal import Refusal
from domain.refusals.requests import FormClosed, UnreadableDuration
from domain.refusals.starts import UnreadableStart
from domain.start_times import parse_start
from domain.time_zones import zone_of


class RuleTerms(TypedDict):
    """A justification rule, in the form in which it is stored."""

    required: bool
    ticket: str
    hint: str


class FormTerms(TypedDict):
    """What the form is drawn from; only primitives, because it is stored between turns."""

    form_id: str
    secrets: list[str]
    vaults: list[str]
    approvers: list[str]
    """The names of people; and of the groups whose members are asked too."""
    groups: list[str]
    shortest_seconds: float
    longest_seconds: float
    rules: list[RuleTerms]
    for_whom: str
    """The grantee's object id, if it isn't the requester; and a name for display."""
    for_name: str
    time_zone: str
    """The requester's, in which a start is typed; empty if unknown."""
    asked_in: str
    """The conversation in which it was asked for, if the form is elsewhere; otherwise empty."""
    start_within_seconds: float
    """How far ahead access can start; 0 if it can't be planned."""
    emergency: bool
    """Whether it is for break-glass access."""


class RequestOptions(FormTerms, total=False):
    """How the dialog starts: the terms, the previous input, and its error."""

    typed: Mapping[str, str]
    """By the ids of the form's inputs."""
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormAnswer:
    """What a click on the open form comes to."""

    card: Content | None = None
    """Shown in place of the clicked card."""
    is_over: bool = False
    draft: RequestDraft | None = None
    """What was filled in; None while something is wrong, and if the form was cancelled."""


def begin(options: RequestOptions) -> tuple[FormTerms, Content]:
    """Return what to keep of a form until it is over, and its card."""
    terms = terms_of(options)
    form = _form(terms, options.get("typed", {}), options.get("error", ""))
    return terms, request_form(form)


def answer(terms: FormTerms, click: FormClick, now: datetime) -> FormAnswer:
    """Answer a click; the form stays open until it is valid or cancelled."""
    if click.form_id != terms["form_id"]:
        return FormAnswer(card=request_form_closed(sentence_of(FormClosed())))
    if click.verb == verbs.CANCEL:
        cancelled = request_form_closed(say("Cancelled. This form is closed."))
        return FormAnswer(card=cancelled, is_over=True)
    draft = _read(terms, click, now)
    if isinstance(draft, RequestDraft):
        return FormAnswer(is_over=True, draft=draft)
    return FormAnswer(card=request_form(_form(terms, click.typed, sentence_of(draft))))


def terms_of(stored: Mapping[str, Any]) -> FormTerms:
    """Extract only the terms from options or stored state.

    Forms stored before several secrets were supported name one secret, with its rule next to it.
    """
    return FormTerms(
        form_id=stored["form_id"],
        secrets=list(stored["secrets"] if "secrets" in stored else [stored["secret"]]),
        vaults=list(stored["vaults"] if "vaults" in stored else [stored["vault"]]),
        approvers=list(stored["approvers"]),
        groups=list(stored.get("groups", ())),
        shortest_seconds=stored["shortest_seconds"],
        longest_seconds=stored["longest_seconds"],
        rules=[
            RuleTerms(required=rule["required"], ticket=rule["ticket"], hint=rule["hint"])
            for rule in (stored["rules"] if "rules" in stored else [_only_rule(stored)])
        ],
        for_whom=stored.get("for_whom", ""),
        for_name=stored.get("for_name", ""),
        time_zone=stored.get("time_zone", ""),
        asked_in=stored.get("asked_in", ""),
        start_within_seconds=stored.get("start_within_seconds", 0.0),
        emergency=stored.get("emergency", False),
    )


def _read(terms: FormTerms, click: FormClick, now: datetime) -> RequestDraft | Refusal:
    """Turn the input into a draft, or return its error."""
    justification = click.typed[JUSTIFICATION]
    justified = decide_justification(justification, _rules(terms))
    if justified.reason:
        return justified.reason
    window = parse_duration(click.typed[DURATION])
    bounded = decide_window(*_bounds(terms), window)
    if bounded.reason or window is None:
        return bounded.reason or UnreadableDuration()
    typed_start = click.typed[START].strip()
    starts_at = parse_start(typed_start, now.astimezone(zone_of(terms["time_zone"])))
    if typed_start and starts_at is None:
        return UnreadableStart()
    in_time = decide_start(starts_at, timedelta(seconds=terms["start_within_seconds"]), now)
    if in_time.reason:
        return in_time.reason
    return RequestDraft(
        request_id=terms["form_id"],
        secrets=tuple(terms["secrets"]),
        window=window,
        justification=justification.strip(),
        asked_in=terms["asked_in"],
        for_whom=terms["for_whom"],
        starts_at=starts_at,
    )


def _only_rule(stored: Mapping[str, Any]) -> RuleTerms:
    """Extract the rule from a one-secret form; the oldest have none."""
    return RuleTerms(
        required=stored.get("justification_required", True),
        ticket=stored.get("ticket", ""),
        hint=stored.get("ticket_hint", ""),
    )


def _bounds(terms: FormTerms) -> tuple[timedelta, timedelta]:
    return (
        timedelta(seconds=terms["shortest_seconds"]),
        timedelta(seconds=terms["longest_seconds"]),
    )


def _rules(terms: FormTerms) -> tuple[JustificationRule, ...]:
    return tuple(
        JustificationRule(rule["required"], rule["ticket"], rule["hint"]) for rule in terms["rules"]
    )


def _form(terms: FormTerms, typed: Mapping[str, str], error: str) -> RequestForm:
    shortest, longest = _bounds(terms)
    return RequestForm(
        form_id=terms["form_id"],
        secrets=tuple(terms["secrets"]),
        vaults=tuple(terms["vaults"]),
        approvers=tuple(terms["approvers"]),
        groups=tuple(terms["groups"]),
        shortest=shortest,
        longest=longest,
        typed=typed,
        error=error,
        rules=_rules(terms),
        for_name=terms["for_name"],
        time_zone=terms["time_zone"],
        start_within=timedelta(seconds=terms["start_within_seconds"]),
        emergency=terms["emergency"],
    )
