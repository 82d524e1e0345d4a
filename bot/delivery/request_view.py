"""The card of a request for whoever asked to see it."""

from datetime import datetime

from bot.delivery.refresh import kept_current
from bot.turn import TurnFacts
from cards.access.own_card import own_card
from cards.access.request_card import request_card
from cards.kit.elements import Content
from domain.access.announcements import copy_key
from domain.access.request import Request
from domain.access.rights import is_requester
from domain.announcement import REQUESTER_CARD


def request_view(turn: TurnFacts, request: Request, now: datetime) -> Content:
    """Draw a request for the sender of a turn; in their own chat, requesters see their own card."""
    if turn.conversation.is_personal and is_requester(request, turn.actor):
        return kept_current(turn, own_card(request, now), request.id, REQUESTER_CARD)
    card = request_card(request, buttons=False)
    if turn.actor.object_id not in request.involved:
        return card
    key = copy_key(turn.actor.object_id, decides=False)
    return kept_current(turn, card, request.id, key)
