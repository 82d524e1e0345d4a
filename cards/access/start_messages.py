"""Messages about access with a start in the future, for any reader."""

from datetime import datetime

from cards.kit.elements import Field, Named, Sentence, moment
from cards.kit.message import EventMessage, actor_of, fact, person, secrets_of
from cards.kit.times import utc
from cards.kit.tone import Tone
from domain.access.request import AccessEvent, Request
from domain.workflow import Event

START_EVENTS = frozenset({AccessEvent.SCHEDULED, AccessEvent.STARTED, AccessEvent.CALLED_OFF})


def start_message(request: Request, event: Event, *, own: bool = False) -> EventMessage:
    """Write the message for one of these events; ``own`` is for the grantee.

    Raises ValueError for other kinds.
    """
    whose: Sentence = (person(request.holder), "'s access to ", *secrets_of(request))
    called_off = whose
    if own:
        whose = ("Your access to ", *secrets_of(request))
        called_off = ("your access to ", *secrets_of(request))
    match event.kind:
        case AccessEvent.SCHEDULED:
            return EventMessage(
                title="Approved, starts later",
                tone=Tone.INFO,
                sentence=(
                    *whose,
                    " is approved and starts at ",
                    Named(_start(event)),
                    ". Nothing is granted before that, and the approval is checked again then.",
                ),
                fields=_when(event),
            )
        case AccessEvent.STARTED:
            return EventMessage(
                title="Start reached",
                tone=Tone.INFO,
                sentence=(*whose, " starts now. All checks passed, and it is being granted."),
            )
        case AccessEvent.CALLED_OFF:
            return EventMessage(
                title="Called off",
                tone=Tone.WARNING,
                sentence=(
                    actor_of(event),
                    " called off ",
                    *called_off,
                    " before its start at ",
                    Named(_start(event)),
                    ". Nothing was granted.",
                ),
            )
        case kind:
            raise ValueError(f"{kind!r} is not about a start in the future")


def _when(event: Event) -> tuple[Field, ...]:
    at = _moment(event)
    return (moment("Starts", at),) if at else ()


def _start(event: Event) -> str:
    at = _moment(event)
    return utc(at) if at else "an unknown time"


def _moment(event: Event) -> datetime | None:
    try:
        return datetime.fromisoformat(fact(event, "starts_at"))
    except ValueError:
        return None
