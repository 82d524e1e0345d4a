"""Faults injected by tests: errors, silence, lost connections, before or after the effect."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import count
from typing import Any

from sandbox.calls import Call, Json, Reply


class Action(StrEnum):
    """What a fault does to a request."""

    ANSWER = "answer"
    HANG = "hang"
    DROP = "drop"
    SLOW = "slow"


class When(StrEnum):
    """When the effect happens: never, before the fault strikes, or some seconds after it."""

    BEFORE = "before"
    AFTER = "after"
    LATE = "late"


class FaultError(ValueError):
    """Raised for an invalid fault, with the reason."""


@dataclass(slots=True)
class InjectedFault:
    """Strike the next `times` requests whose method and path match, after letting `skip` through.

    `path` is a regular expression searched for in the path and query. With `When.LATE` the request
    is carried out `seconds` after its fault; with `Action.SLOW` it is carried out and answered
    after `seconds`, whatever `when` says. A client that loses a reused connection may silently
    send the request again, as aiohttp does once: include those in `times`.
    """

    method: str
    path: re.Pattern[str]
    action: Action = Action.ANSWER
    when: When = When.BEFORE
    times: int = 1
    skip: int = 0
    seconds: float = 0
    answer: Reply = field(default_factory=lambda: Reply(503))
    id: int = field(default_factory=count(1).__next__)
    prepared: str = ""
    """The key of the entry in `prepared.PREPARED` that it is part of, if any."""

    def matches(self, call: Call, target: str) -> bool:
        """Tell whether this fault applies to a request."""
        return self.method in ("*", call.method) and self.path.search(target) is not None


@dataclass(slots=True)
class Faults:
    """Hold the faults in the order they were added; the first match strikes."""

    pending: list[InjectedFault] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the faults are cleared, which releases the requests that hang."""
    under_way: list[tuple[datetime, Callable[[datetime], object]]] = field(default_factory=list)
    """Requests still to be carried out after their answer, and when; clearing faults keeps them."""

    def add(self, fault: InjectedFault) -> None:
        """Add a fault."""
        self.pending.append(fault)

    def clear(self) -> None:
        """Clear all faults and release what hangs."""
        self.pending.clear()
        self.released.set()
        self.released = asyncio.Event()

    def carry_out_later(self, at: datetime, effect: Callable[[datetime], object]) -> None:
        """Schedule a request whose sender has already got a fault for it."""
        self.under_way.append((at, effect))

    def land(self, now: datetime) -> None:
        """Carry out the scheduled requests that are due, in order."""
        due = sorted((one for one in self.under_way if one[0] <= now), key=lambda one: one[0])
        for one in due:
            self.under_way.remove(one)
            one[1](one[0])

    def take(self, call: Call, target: str) -> InjectedFault | None:
        """Return the fault that strikes this request, and count it."""
        for fault in self.pending:
            if not fault.matches(call, target):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                return None
            fault.times -= 1
            if fault.times <= 0:
                self.pending.remove(fault)
            return fault
        return None


_KEYS = {
    *("method", "path", "action", "when", "seconds", "times", "skip"),
    *("status", "headers", "body"),
}


def fault_from_json(document: Json) -> InjectedFault:
    """Parse a fault; raise FaultError if it is invalid."""
    unknown = sorted(set(document) - _KEYS)
    if unknown:
        raise FaultError(f"unknown keys: {', '.join(unknown)}")
    try:
        return InjectedFault(
            method=str(document.get("method", "*")).upper(),
            path=re.compile(str(document["path"]), re.IGNORECASE),
            action=Action(document.get("action", Action.ANSWER)),
            when=When(document.get("when", When.BEFORE)),
            times=int(document.get("times", 1)),
            skip=int(document.get("skip", 0)),
            seconds=float(document.get("seconds", 0)),
            answer=_answer(document),
        )
    except KeyError as error:
        raise FaultError(f"{error} is missing") from error
    except (TypeError, ValueError, re.error) as error:
        raise FaultError(str(error)) from error


def _answer(document: dict[str, Any]) -> Reply:
    headers = {str(name): str(value) for name, value in document.get("headers", {}).items()}
    return Reply(int(document.get("status", 503)), document.get("body"), headers)
