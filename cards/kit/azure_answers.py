"""What Azure answered, for those who can do something about it."""

from cards.kit import text
from cards.kit.elements import Sentence
from cards.kit.message import fact
from domain.access.request import AzureAnswer
from domain.workflow import Event

LOCKED = "ScopeLocked"

_LONGEST_CODE = 80


def describe_answer(answer: AzureAnswer | None) -> str:
    """Say status and code of an answer, such as ``409 ScopeLocked``; empty where there is none."""
    if answer is None or answer.status is None:
        return ""
    return text.line(f"{answer.status} {answer.code}".strip(), _LONGEST_CODE)


def answer_in(event: Event) -> AzureAnswer | None:
    """Read from an event what Azure answered; None where it did not answer."""
    status = event.facts.get("status")
    return AzureAnswer(int(status), fact(event, "code")) if isinstance(status, int) else None


def azure_answered(event: Event) -> Sentence:
    """Say as a sentence of its own what Azure answered; nothing where it did not."""
    said = describe_answer(answer_in(event))
    return (f" Azure answered {said}.",) if said else ()


def is_locked(answer: AzureAnswer | None) -> bool:
    """Say whether a resource lock is what is in the way."""
    return answer is not None and answer.code == LOCKED
