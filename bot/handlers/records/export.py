"""Handle files: offer one in the personal chat, upload it to the person's OneDrive."""

import logging
from dataclasses import replace

from bot.handlers.lines.history_commands import (
    ExportFigures,
    ExportHistory,
    ExportReads,
    ReviewAccess,
)
from bot.handlers.progress import ProgressMessages
from bot.handlers.records.history_filter import FilterReader
from bot.transport.outbound.uploads import UploadFailed, Uploads
from bot.turn import Card, FileConsent, FileOffer, Turn
from cards.audit.access_review_card import access_review_card
from cards.audit.export_card import (
    contents_of,
    file_built_card,
    file_uploaded_card,
    reads_built_card,
)
from cards.kit.notice import notice
from cards.kit.tone import Tone
from cards.languages.texts import say
from cards.operations.progress_card import Task
from cards.reasons.sentences import sentence_of
from domain.audit.access_review import LONGEST, USUAL
from domain.audit.history import Filter
from domain.durations import write_duration
from domain.people import Actor
from domain.phrases import mark
from domain.refusals.exports import FileNotTaken, NoFilesHere, NothingToExport, OfferGone
from domain.refusals.refusal import Refusal
from services.audit.access_reviews import AccessReviews
from services.audit.files.export import Export, Exporter, FilePlace, Format
from services.audit.files.export_offers import Content, ExportOffer, ExportOffers
from services.audit.files.figures_file import figures_file
from services.audit.files.read_exports import ReadExports
from services.audit.files.review_file import review_file
from services.audit.outside_reads import ReadsOutsideGrants
from services.audit.reports import Reports
from services.people.admins import Admins
from services.progress import ProgressCount

log = logging.getLogger(__name__)

_UPLOAD = Task(mark("Export"), mark("Building the file again, then uploading it"), "export")
_NEXT_FILE = Task(mark("Export"), mark("Reading the history"), "export")


class ExportHandlers:
    """Handle turns about files, for admins only."""

    def __init__(
        self,
        exporter: Exporter,
        reviews: AccessReviews,
        reports: Reports,
        outside_grants: ReadsOutsideGrants,
        read_exports: ReadExports,
        offers: ExportOffers,
        uploads: Uploads,
        reader: FilterReader,
        admins: Admins,
        progress: ProgressMessages,
    ) -> None:
        self._exporter = exporter
        self._reviews = reviews
        self._reports = reports
        self._outside_grants = outside_grants
        self._read_exports = read_exports
        self._offers = offers
        self._uploads = uploads
        self._reader = reader
        self._admins = admins
        self._progress = progress

    async def offer(self, turn: Turn, command: ExportHistory) -> None:
        """Offer a file; nothing is uploaded until the person accepts."""
        actor = turn.actor
        await self._admins.require(actor)
        if not self._can_offer(turn):
            raise NoFilesHere
        wanted = await self._reader.read(turn, command.wanted)
        await self._offer_history(turn, ExportOffer(wanted, command.form), _task(turn))

    async def _offer_history(self, turn: Turn, offer: ExportOffer, task: Task) -> None:
        async def build(count: ProgressCount) -> Card:
            export = await self._exporter.build(offer.wanted, offer.form, count, offer.place)
            if not export.workflows:
                raise NothingToExport
            return await self._built(turn, offer, export, _contents(export))

        await self._progress.follow(turn, task, build)

    async def figures(self, turn: Turn, command: ExportFigures) -> None:
        """Offer the figures of a report as a file."""
        await self._admins.require(turn.actor)
        if not self._can_offer(turn):
            raise NoFilesHere
        wanted = self._reader.report(command.report)

        async def build(count: ProgressCount) -> Card:
            export = await self._figures(wanted, count)
            offer = ExportOffer(wanted, Format.CSV, Content.FIGURES)
            return await self._built(turn, offer, export, say("The figures of the report"))

        await self._progress.follow(turn, _task(turn), build)

    async def reads(self, turn: Turn, command: ExportReads) -> None:
        """Offer each read under a grant, or each one without, as a file."""
        await self._admins.require(turn.actor)
        if not self._can_offer(turn):
            raise NoFilesHere
        wanted = self._reader.report(command.report)
        offer = ExportOffer(wanted, Format.JSON, Content.READS, workflow=command.workflow_id)
        description = say("Reads without a grant")
        if command.workflow_id:
            description = say("Reads under {id}", id=command.workflow_id)

        async def build(count: ProgressCount) -> Card:
            export = await self._reads(offer, count)
            await self._offer(turn, offer, export, description)
            return reads_built_card(export.workflows, is_whole=export.is_whole)

        task = Task(mark("Export"), mark("Reading the vaults' log"), turn.text)
        await self._progress.follow(turn, task, build)

    async def review(self, turn: Turn, command: ReviewAccess) -> None:
        """Show the access review, and offer all of it as a file where that is possible."""
        await self._admins.require(turn.actor)
        since = self._reader.since(command.last or write_duration(USUAL), LONGEST)
        offer = ExportOffer(Filter(since=since), Format.CSV, Content.ACCESS_REVIEW)
        follows = self._can_offer(turn)

        async def build(count: ProgressCount) -> Card:
            review = await self._reviews.build(since, count)
            if follows:
                await self._offer(turn, offer, review_file(review), say("The whole access review"))
            return access_review_card(review, file_follows=follows)

        task = Task(mark("Access review"), mark("Reading the history"), turn.text)
        await self._progress.follow(turn, task, build)

    def _can_offer(self, turn: Turn) -> bool:
        return turn.conversation.is_personal and self._uploads.are_possible

    async def _built(
        self, turn: Turn, offer: ExportOffer, export: Export, description: str
    ) -> Card:
        await self._offer(turn, offer, export, description)
        return file_built_card(export.workflows)

    async def _offer(
        self, turn: Turn, offer: ExportOffer, export: Export, description: str
    ) -> None:
        offer_id = await self._offers.make(turn.actor, offer)
        size = len(export.body)
        await turn.offer_file(FileOffer(offer_id, export.name, size, description))

    async def _build(self, offer: ExportOffer, count: ProgressCount) -> Export:
        since = offer.wanted.since
        if offer.content is Content.ACCESS_REVIEW and since:
            return review_file(await self._reviews.build(since, count))
        if offer.content is Content.FIGURES:
            return await self._figures(offer.wanted, count)
        if offer.content is Content.READS:
            return await self._reads(offer, count)
        return await self._exporter.build(offer.wanted, offer.form, count, offer.place)

    async def _figures(self, wanted: Filter, count: ProgressCount) -> Export:
        report = await self._reports.build(wanted, count)
        return figures_file(report, await self._outside_grants.of(report))

    async def _reads(self, offer: ExportOffer, count: ProgressCount) -> Export:
        if offer.workflow:
            return await self._read_exports.of_grant(offer.workflow, count)
        return await self._read_exports.outside(offer.wanted, count)

    async def on_consent(self, turn: Turn) -> None:
        """Rebuild and upload the offered file, or drop the offer; always answer Teams with 200."""
        consent = turn.consent
        actor = turn.actor
        try:
            await self._answer(turn, actor, consent)
        except Refusal as refusal:
            await turn.reply(notice(sentence_of(refusal), Tone.WARNING))
        await turn.acknowledge()

    async def _answer(self, turn: Turn, actor: Actor, consent: FileConsent) -> None:
        if not consent.offer_id:
            raise OfferGone
        offer = await self._offers.take(actor, consent.offer_id)
        await turn.remove_clicked()  # so that nobody answers it again
        if not consent.is_given:
            await turn.reply(notice(say("Not exported."), Tone.QUIET))
            return
        await self._admins.require(actor)
        following: FilePlace | None = None

        async def upload(count: ProgressCount) -> Card:
            nonlocal following
            export = await self._build(offer, count)
            try:
                self._uploads.require_allowed(consent.content_url)
                await self._uploads.put(consent.upload_url, export.body)
            except UploadFailed as fault:
                log.warning("export of %s by %s failed: %s", export.name, actor.object_id, fault)
                raise FileNotTaken from fault
            log.info("%d entries exported by %s", export.workflows, actor.object_id)
            await turn.show_file(export.name, consent)
            following = export.following
            return file_uploaded_card(export.name, another_follows=following is not None)

        await self._progress.follow(turn, _UPLOAD, upload)
        if following:
            await self._offer_history(turn, replace(offer, place=following), _NEXT_FILE)


def _task(turn: Turn) -> Task:
    return Task(mark("Export"), mark("Reading the history"), turn.text)


def _contents(export: Export) -> str:
    if export.is_whole or export.newest is None or export.oldest is None:
        return contents_of(export.workflows)
    return contents_of(
        export.workflows,
        number=export.number,
        opened=(export.oldest, export.newest),
        is_last=export.following is None,
    )
