"""Every card there is, drawn with one and the same text wherever people or Azure have a say."""

from dataclasses import replace
from datetime import timedelta

from cards.elements import Content
from cards.event_card import audit_card, requester_card
from cards.help_card import help_card
from cards.notice import notice
from cards.request_card import request_card
from cards.request_form import RequestForm, request_form, request_form_closed
from cards.secrets_card import Requestable, secrets_card
from cards.tone import Tone
from domain.access import Request
from domain.people import Actor, Person
from domain.workflow import Event
from tests.cards.stories import EVENTS, REQUESTS, TOLD_TO_REQUESTER


def every_card(words: str) -> dict[str, Content]:
    """Draw every card with ``words`` for each name, reason, justification and Azure's message."""
    cards = {
        f"request: {name}": request_card(saying(words, request), buttons=True)
        for name, request in REQUESTS.items()
    }
    for name, (request, event) in TOLD_TO_REQUESTER.items():
        told = requester_card(saying(words, request), event_saying(words, event))
        cards[f"requester: {name}"] = told
    for name, (request, event) in EVENTS.items():
        told = audit_card(saying(words, request), event_saying(words, event), 7)
        cards[f"audit: {name}"] = told
    cards["form"] = request_form(a_form(words))
    cards["form closed"] = request_form_closed(words)
    cards["help"] = help_card([("secrets", "List the secrets you can ask for.")])
    cards["secrets"] = secrets_card(
        [Requestable(words, timedelta(hours=4), (Person("id-1", words), Person("id-2", words)))]
    )
    cards["notice"] = notice(words, Tone.WARNING)
    return cards


def a_form(words: str) -> RequestForm:
    return RequestForm(
        form_id="form-1",
        secret=words,
        vault=words,
        approvers=(words, words),
        shortest=timedelta(minutes=5),
        longest=timedelta(hours=4),
        justification=words,
        duration=words,
        error=words,
    )


def saying(words: str, request: Request) -> Request:
    """Return the same request with ``words`` for every text in it that is not Latchkey's own."""
    return replace(
        request,
        requester=_called(words, request.requester),
        secret=words,
        vault=words,
        justification=words,
        terms=replace(
            request.terms,
            approvers=tuple(
                Person(person.object_id, words, words) for person in request.terms.approvers
            ),
        ),
        approvals=tuple(
            replace(approval, approver=_called(words, approval.approver))
            for approval in request.approvals
        ),
        denial=request.denial
        and replace(
            request.denial,
            approver=request.denial.approver and _called(words, request.denial.approver),
            reason=words,
        ),
        failure=request.failure and words,
    )


def event_saying(words: str, event: Event) -> Event:
    """Return the same event with ``words`` for its actor's name and for every text in its facts."""
    return replace(
        event,
        actor=event.actor and _called(words, event.actor),
        facts={
            name: words if isinstance(value, str) else value for name, value in event.facts.items()
        },
    )


def _called(words: str, actor: Actor) -> Actor:
    return replace(actor, name=words)
