"""Exports: offered as a file in the personal chat, and put into its person's OneDrive."""

import logging

from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.schema import Activity, ActivityTypes

from bot.delivery.answers import reply_card
from bot.handlers.history_commands import ExportHistory
from bot.handlers.history_filter import FilterReader
from bot.transport.activity_facts import actor_of, is_personal
from bot.transport.connector_errors import ConnectorError
from bot.transport.file_consent import Consent, consent_message, info_message, read_consent
from bot.transport.uploads import UploadFailed, Uploads
from cards.kit.notice import notice
from cards.kit.tone import Tone
from domain.people import Actor
from domain.refusals import FileNotTaken, NoFilesHere, NothingToExport, OfferGone, Refusal
from services.audit.export import MOST, Export, Exporter
from services.audit.export_offers import ExportOffer, ExportOffers
from services.people.admins import Admins

log = logging.getLogger(__name__)


class ExportHandlers:
    """Turns about exports, for admins alone."""

    def __init__(
        self,
        exporter: Exporter,
        offers: ExportOffers,
        uploads: Uploads,
        reader: FilterReader,
        admins: Admins,
    ) -> None:
        self._exporter = exporter
        self._offers = offers
        self._uploads = uploads
        self._reader = reader
        self._admins = admins

    async def offer(self, context: TurnContext, command: ExportHistory) -> None:
        """Offer a file; nothing of it leaves before its person has agreed."""
        actor = actor_of(context.activity)
        await self._admins.require(actor)
        if not is_personal(context.activity) or not self._uploads.are_possible:
            raise NoFilesHere
        wanted = await self._reader.read(context.activity, command.wanted)
        export = await self._exporter.build(wanted, command.form)
        if not export.workflows:
            raise NothingToExport
        offer_id = await self._offers.make(actor, ExportOffer(wanted, command.form))
        size = len(export.body)
        await context.send_activity(consent_message(export.name, size, _said(export), offer_id))

    async def on_consent(self, context: TurnContext) -> None:
        """Upload what was offered, built anew, or forget it; Teams itself is answered 200."""
        consent = read_consent(context.activity)
        actor = actor_of(context.activity)
        try:
            await self._answer(context, actor, consent)
        except Refusal as refusal:
            await reply_card(context, notice(refusal.sentence, Tone.WARNING))
        response = InvokeResponse(status=200)
        await context.send_activity(Activity(type=ActivityTypes.invoke_response, value=response))

    async def _answer(self, context: TurnContext, actor: Actor, consent: Consent) -> None:
        if not consent.offer_id:
            raise OfferGone
        offer = await self._offers.take(actor, consent.offer_id)
        await _remove_question(context)
        if not consent.is_given:
            await reply_card(context, notice("Not exported.", Tone.QUIET))
            return
        await self._admins.require(actor)
        export = await self._exporter.build(offer.wanted, offer.form)
        try:
            self._uploads.require_allowed(consent.content_url)
            await self._uploads.put(consent.upload_url, export.body)
        except UploadFailed as fault:
            log.warning("%s was not exported by %s: %s", export.name, actor.object_id, fault)
            raise FileNotTaken from fault
        log.info("%d workflows exported by %s", export.workflows, actor.object_id)
        await context.send_activity(info_message(export.name, consent))


async def _remove_question(context: TurnContext) -> None:
    """Take the question away, so that nobody answers it again; it may stay where that fails."""
    try:
        await context.delete_activity(str(context.activity.reply_to_id or ""))
    except (ConnectorError, ValueError) as fault:
        log.info("the question of an export stays: %s", fault)


def _said(export: Export) -> str:
    count = f"{export.workflows:,} requests and rotations with all their events"
    return count if export.is_whole else f"{count}; the newest {MOST:,} of more"
