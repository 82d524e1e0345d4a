"""Ask people to confirm with a fresh sign-in what a click alone doesn't decide."""

from cards.access.step_up_card import (
    approval_step_up_card,
    extension_step_up_card,
    request_step_up_card,
)
from cards.kit.elements import Content
from domain.access.transitions.leaving_out import leave_out, not_chosen
from domain.people import Actor
from domain.refusals.decisions import UnknownRequest
from domain.refusals.sign_ins import StepUpNeeded
from services.access.sign_in.fresh_sign_ins import FreshSignIns
from services.access.sign_in.held_acts import HeldAct, HeldApproval, HeldBreakGlass, HeldExtension


class Confirming:
    """Holds what a person did until they have signed in."""

    def __init__(self, sign_ins: FreshSignIns | None) -> None:
        """Take None where no sign-in is configured: then what needs one is refused."""
        self._sign_ins = sign_ins

    async def ask(self, actor: Actor, act: HeldAct, needed: StepUpNeeded) -> Content:
        """Hold an act, and return the card that asks its person to confirm it."""
        if self._sign_ins is None:
            raise needed
        asked = await self._sign_ins.ask(actor, act, needed)
        match act:
            case HeldApproval() if asked.request:
                limits = act.limits
                left_out = not_chosen(asked.request, limits.chosen) if limits else ()
                return approval_step_up_card(
                    leave_out(asked.request, left_out, actor),
                    asked.url,
                    limits.window if limits else None,
                    narrowed=limits is not None and limits.narrowed,
                )
            case HeldExtension() if asked.request:
                return extension_step_up_card(asked.request, act.source_id, asked.url)
            case HeldApproval() | HeldExtension():
                raise UnknownRequest
            case _:
                emergency = isinstance(act, HeldBreakGlass)
                return request_step_up_card(act.draft.secrets, asked.url, emergency=emergency)
