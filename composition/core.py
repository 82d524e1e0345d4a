"""The parts that requests and rotations share: people, policies, the stores and the engine."""

from collections.abc import Callable
from dataclasses import dataclass

from composition.runtime import Random
from composition.telemetry import Telemetry
from services.clock import Clock
from services.people.admins import Admins
from services.people.directory import Directory
from services.people.principals import NamedPrincipals
from services.policies import Policies
from services.storage import keys
from services.storage.table import Table
from services.workflow.announcing.announcer import Announcer
from services.workflow.announcing.announcer_claims import AnnouncerClaims
from services.workflow.announcing.message_sender import MessageSender
from services.workflow.attention import AttentionReader
from services.workflow.due.agenda import Agenda
from services.workflow.due.quarantine import Quarantine
from services.workflow.due.shard_board import ShardBoard
from services.workflow.due.shard_leases import ShardLeases
from services.workflow.engine import Engine
from services.workflow.event_rows import NewSalt
from services.workflow.journal import Journal
from services.workflow.lists.index import Index
from services.workflow.messages import Messages
from services.workflow.version import HANDLES
from services.workflow.worker import Worker
from services.workflow.workflows import Workflows


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """One replica's engine and worker, with what they use."""

    policies: Policies
    directory: Directory
    principals: NamedPrincipals
    admins: Admins
    table: Table
    clock: Clock
    random: Random
    workflows: Workflows
    messages: Messages
    agenda: Agenda
    outbox: Agenda
    attention: AttentionReader
    quarantine: Quarantine
    index: Index
    engine: Engine
    announcer: Announcer
    shards: ShardLeases
    worker: Worker

    @property
    def advance_soon(self) -> Callable[[str], None]:
        """The function that makes the worker advance a workflow at once."""
        return self.worker.advance_soon


def compose_core(
    policies: Policies,
    directory: Directory,
    principals: NamedPrincipals,
    admins: Admins,
    table: Table,
    message_sender: MessageSender,
    telemetry: Telemetry,
    clock: Clock,
    random: Random,
    new_salt: NewSalt,
    replica: str,
    handles: str = HANDLES,
) -> Core:
    """Construct the engine; the other parts register their kinds of workflows with it later.

    No other process ever has the name ``replica``. ``handles`` names the version whose workflows
    this replica can handle.
    """
    workflows, messages, index = Workflows(table, new_salt), Messages(table), Index(table)
    agenda, outbox = Agenda(table, keys.AGENDA), Agenda(table, keys.OUTBOX)
    quarantine = Quarantine(table, handles)
    engine = Engine(workflows, clock, Journal(telemetry.meter), index, telemetry.tracer)
    announcer = Announcer(
        workflows, messages, engine, message_sender, clock, AnnouncerClaims(table)
    )
    shards = ShardLeases(ShardBoard(table), replica, handles, clock)
    return Core(
        policies=policies,
        directory=directory,
        principals=principals,
        admins=admins,
        table=table,
        clock=clock,
        random=random,
        workflows=workflows,
        messages=messages,
        agenda=agenda,
        outbox=outbox,
        attention=AttentionReader(table, agenda),
        quarantine=quarantine,
        index=index,
        engine=engine,
        announcer=announcer,
        shards=shards,
        worker=Worker(agenda, outbox, engine, announcer, clock, random, quarantine, shards),
    )
