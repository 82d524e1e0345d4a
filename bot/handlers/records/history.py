"""Handle history: lists, one workflow's timeline, its evidence, the report."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.handlers.clicks import ClickHandler
from bot.handlers.lines.history_commands import ShowReport, VerifyDay, Wanted
from bot.handlers.lines.named_secrets import SecretNameLookup
from bot.handlers.person_reader import who_is_named
from bot.handlers.progress import ProgressMessages
from bot.handlers.records.cursor import read_cursor, write_cursor
from bot.handlers.records.history_filter import FilterReader
from bot.ids import has_evidence, is_workflow_id
from bot.turn import Click, Turn
from cards.audit.day_verdict_card import day_verdict_card
from cards.audit.history_card import PAGE, HistoryPages, history_card
from cards.audit.outside_reads_card import outside_reads_card
from cards.audit.report_card import report_card
from cards.audit.sealed_verdict_card import sealed_verdict_card
from cards.audit.timeline_card import timeline_card
from cards.audit.verdict_card import verdict_card
from cards.audit.who_card import who_card
from cards.kit import verbs
from cards.kit.elements import Content
from cards.operations.progress_card import Task
from domain.audit.history import Filter, Recorded
from domain.audit.report import Report
from domain.days import parse_day
from domain.people import Actor, Person
from domain.phrases import mark
from domain.refusals.records import NotADay, UnknownWorkflow
from domain.retention.sealed import SealedVerdict
from domain.secrets import is_secret_name
from services.audit.days.checkpoints import Days
from services.audit.history_access import HistoryAccess
from services.audit.people_in_history import PeopleInHistory
from services.progress import ProgressCount
from services.values import is_guid
from services.workflow.codec import Head


class HistoryHandlers:
    """Handle turns about history; refusals are raised to the caller."""

    def __init__(
        self,
        history_access: HistoryAccess,
        reader: FilterReader,
        people: PeopleInHistory,
        names: SecretNameLookup,
        days: Days,
        progress: ProgressMessages,
    ) -> None:
        self._history_access = history_access
        self._reader = reader
        self._people = people
        self._names = names
        self._days = days
        self._progress = progress

    @property
    def clicks(self) -> Mapping[str, ClickHandler]:
        """The verbs that these handlers serve."""
        return {
            verbs.HISTORY_MORE: self.on_page,
            verbs.HISTORY_DETAILS: self.on_details,
        }

    async def show(self, turn: Turn, wanted: Wanted) -> None:
        """Show one workflow's timeline, or the first page of matching workflows."""
        actor = turn.actor
        workflow_id = wanted.subject.casefold()
        if is_workflow_id(workflow_id):
            timeline = await self._history_access.timeline(actor, workflow_id)
            await turn.reply(timeline_card(timeline.head, timeline.events, timeline.reads))
            return
        if people := await self._people_called(turn, wanted):
            if len(people) > 1:
                await turn.reply(who_card(people, wanted.last))
                return
            wanted = replace(wanted, subject=f"@{people[0].object_id}")
        found = await self._reader.read(turn, wanted)
        await turn.reply(await self._page(actor, found, None))

    async def _people_called(self, turn: Turn, wanted: Wanted) -> tuple[Person, ...]:
        """Return whom a name means, unless it is the name of a secret with a history."""
        name = wanted.subject.removeprefix("@")
        who = who_is_named(turn, wanted.subject)
        is_found_otherwise = who is not None and (who != name or "@" in who or is_guid(who))
        if not name or is_found_otherwise or self._names.is_requestable(name):
            return ()
        since = self._reader.since(wanted.last) if wanted.last else None
        if (
            who is None
            and is_secret_name(name)
            and await self._people.has_any(Filter(secret=name, since=since))
        ):
            return ()
        return await self._people.called(turn.actor, name, since)

    async def verify(self, turn: Turn, workflow_id: str) -> None:
        """Show whether a workflow's chain of events is intact."""
        if not has_evidence(workflow_id):
            raise UnknownWorkflow
        verdict = await self._history_access.verify(turn.actor, workflow_id)
        if isinstance(verdict, SealedVerdict):
            await turn.reply(sealed_verdict_card(verdict))
            return
        await turn.reply(verdict_card(workflow_id, verdict))

    async def verify_day(self, turn: Turn, command: VerifyDay) -> None:
        """Show whether the workflows of a day are those that its checkpoint was made from."""
        day = parse_day(command.day.split())
        if day is None:
            raise NotADay
        actor, wanted = turn.actor, day

        async def verify(count: ProgressCount) -> Content:
            return day_verdict_card(await self._days.verify(actor, wanted, count))

        task = Task(mark("Evidence"), mark("Verifying the events of that day"), turn.text)
        await self._progress.follow_if_long(turn, task, verify)

    async def report(self, turn: Turn, command: ShowReport) -> None:
        """Show a summary of a period, of everything or of one secret."""
        actor, wanted = turn.actor, self._reader.report(command)
        built: list[Report] = []

        async def build(count: ProgressCount) -> Content:
            built.append(await self._history_access.report(actor, wanted, count))
            return report_card(built[0])

        task = Task(mark("Report"), mark("Reading the history"), turn.text)
        await self._progress.follow_if_long(turn, task, build)
        if not built:
            return  # it was refused
        # Afterwards, in a card of its own: a log that is slow doesn't hold up the report.
        if reads := await self._history_access.read_without_grants(actor, built[0]):
            await turn.reply(outside_reads_card(reads))

    async def on_page(self, turn: Turn, click: Click) -> None:
        """Show another page, limited to what the clicker is permitted to see."""
        wanted, position = read_cursor(click.text(verbs.CURSOR))
        await turn.show(await self._page(turn.actor, wanted, position))

    async def on_details(self, turn: Turn, click: Click) -> None:
        """Show one workflow's timeline in place of the list, with the way back."""
        workflow_id, cursor = click.text(verbs.WORKFLOW), click.text(verbs.CURSOR)
        if not is_workflow_id(workflow_id):
            raise UnknownWorkflow
        read_cursor(cursor)
        timeline = await self._history_access.timeline(turn.actor, workflow_id)
        card = timeline_card(timeline.head, timeline.events, timeline.reads, back=cursor)
        await turn.show(card)

    async def _page(self, actor: Actor, wanted: Filter, position: str | None) -> Content:
        page = await self._history_access.page(actor, wanted, PAGE, position)
        pages = HistoryPages(
            this=write_cursor(wanted, position),
            first=write_cursor(wanted, None) if position else None,
            following=write_cursor(wanted, page.position) if page.position else None,
        )
        return history_card(_drawable(page.heads), pages, since=wanted.since)


def _drawable(heads: Sequence[Head]) -> list[Recorded]:
    return [head for head in heads if isinstance(head, Recorded)]
