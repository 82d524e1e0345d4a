"""Azure's error answers, for people who can act on them."""

from cards.kit import text
from cards.kit.elements import Sentence
from cards.kit.message import fact
from cards.kit.sentences import sentence
from domain.access.grant import AzureAnswer
from domain.workflow import Event

LOCKED = "ScopeLocked"

_LONGEST_CODE = 80


def describe_answer(answer: AzureAnswer | None) -> str:
    """Return an answer's status and code, like ``409 ScopeLocked``; empty if there is none."""
    if answer is None or answer.status is None:
        return ""
    return text.line(f"{answer.status} {answer.code}".strip(), _LONGEST_CODE)


def answer_in(event: Event) -> AzureAnswer | None:
    """Return Azure's answer from an event; None if there was none."""
    status = event.facts.get("status")
    return AzureAnswer(int(status), fact(event, "code")) if isinstance(status, int) else None


def azure_answered(event: Event) -> Sentence:
    """Say what Azure answered; empty if there was no answer."""
    said = describe_answer(answer_in(event))
    return sentence("Azure answered {answer}.", answer=said) if said else ()


def is_locked(answer: AzureAnswer | None) -> bool:
    """Return whether a resource lock is blocking."""
    return answer is not None and answer.code == LOCKED
