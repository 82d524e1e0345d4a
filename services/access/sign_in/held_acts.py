"""What waits for a sign-in, and how it's done once the person has confirmed it."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from domain.access.fresh_sign_in import FreshSignIn
from domain.access.request import Request, RequestDraft
from domain.people import Actor
from services.access.extensions import Extensions
from services.access.requests import Access, RequestLimits
from services.people.admins import Admins


@dataclass(frozen=True, slots=True)
class HeldApproval:
    """An approver's approval of a request, with the limits that they set."""

    request_id: str
    limits: RequestLimits | None = None
    note: str = ""
    kind: Literal["approval"] = "approval"


@dataclass(frozen=True, slots=True)
class HeldExtension:
    """An approver's approval of the extension that ``source_id`` asked for."""

    request_id: str
    source_id: str
    note: str = ""
    kind: Literal["extension"] = "extension"


@dataclass(frozen=True, slots=True)
class HeldRequest:
    """A request that isn't submitted yet."""

    draft: RequestDraft
    kind: Literal["request"] = "request"


@dataclass(frozen=True, slots=True)
class HeldBreakGlass:
    """Break-glass access that isn't taken yet."""

    draft: RequestDraft
    kind: Literal["break_glass"] = "break_glass"


HeldAct = Annotated[
    HeldApproval | HeldExtension | HeldRequest | HeldBreakGlass, Field(discriminator="kind")
]

_ACT: TypeAdapter[HeldAct] = TypeAdapter(HeldAct)


def write_act(act: HeldAct) -> str:
    return _ACT.dump_json(act).decode()


def read_act(text: str) -> HeldAct:
    return _ACT.validate_json(text)


class HeldActs:
    """Does what was held, exactly as if it were clicked now; refusals are raised unchanged."""

    def __init__(self, access: Access, extensions: Extensions, admins: Admins) -> None:
        self._access = access
        self._extensions = extensions
        self._admins = admins

    async def perform(self, actor: Actor, act: HeldAct, sign_in: FreshSignIn) -> Request:
        """Do it, with every check that a click gets, and the sign-in that confirms it."""
        match act:
            case HeldApproval():
                return await self._access.approve(
                    actor, act.request_id, act.limits, sign_in, act.note
                )
            case HeldExtension():
                return await self._extensions.allow(
                    actor, act.request_id, act.source_id, sign_in, act.note
                )
            case HeldRequest():
                return await self._access.submit(actor, act.draft, sign_in)
            case HeldBreakGlass():
                admins = await self._admins.to_notify()
                return await self._access.break_glass(actor, act.draft, admins, sign_in)
