"""The composition root: settings → clients → services → bot → routes."""

import asyncio
import gc
import logging
import os
import random
import secrets
import ssl
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict
from urllib.request import getproxies
from uuid import uuid4

import aiohttp
from aiohttp import web
from azure.core.credentials_async import AsyncTokenCredential
from azure.data.tables.aio import TableServiceClient
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.metrics import Meter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader

from bot.delivery.card_tracker import CardTracker
from bot.delivery.sender import TeamsMessageSender
from bot.handlers.access import AccessHandlers
from bot.handlers.break_glass import BreakGlassHandlers
from bot.handlers.endings import EndingHandlers
from bot.handlers.export import ExportHandlers
from bot.handlers.extensions import ExtensionHandlers
from bot.handlers.history import HistoryHandlers
from bot.handlers.history_filter import FilterReader
from bot.handlers.latchkey import Latchkey
from bot.handlers.listings import ListingHandlers
from bot.handlers.operators import OperatorHandlers
from bot.handlers.overdue import OverdueHandlers
from bot.handlers.refresh import RefreshHandlers
from bot.handlers.rotation import RotationHandlers
from bot.operations_routes import OperationsRoutes
from bot.transport import clouds
from bot.transport.adapter import TeamsAdapter
from bot.transport.authentication import ActivityRules, Gate
from bot.transport.bearer import BearerTokens
from bot.transport.clouds import Cloud
from bot.transport.connector import Connector
from bot.transport.forms import DialogForms
from bot.transport.keys import SigningKeys
from bot.transport.pacing import Pacing
from bot.transport.roster import ChatRoster, TeamRoster
from bot.transport.route import MessagesRoute
from bot.transport.sdk_connector import Connectors
from bot.transport.service_urls import ServiceUrls
from bot.transport.storage import DialogMemory, DocumentStorage
from bot.transport.tokens import ConnectorTokens
from bot.transport.turn import over_sdk
from bot.transport.uploads import FileHosts, Uploads
from config import (
    ConfigurationError,
    Settings,
    misspelt_variables,
    read_configuration,
    read_rules,
    rules_of,
)
from domain.access.request import Request
from domain.policy_file import PolicyFile
from domain.reconciliation.orphan import Orphan
from domain.reconciliation.reconciliation import Reconciliation
from domain.rotation.owed import OwedRotation
from domain.rotation.rotation import Rotation, Step
from domain.rotation.schedule import ScheduledRotation
from services.access.approvers import Approvers
from services.access.endings import Endings
from services.access.extensions import Extensions
from services.access.leases import Leases
from services.access.listings import Listings
from services.access.moves import AccessMoves
from services.access.offers import AccessOffers
from services.access.open_requests import OpenRequests
from services.access.orphans import OrphanMoves, Orphans
from services.access.overdue import Overdue
from services.access.rates import Rates
from services.access.reconcile import Reconcile
from services.access.requests import Access
from services.access.reviews import Reviews
from services.access.revocability import Revocability
from services.access.still_readable import StillReadable
from services.audit.export import Exporter
from services.audit.export_offers import ExportOffers
from services.audit.history import History
from services.audit.history_access import HistoryAccess
from services.azure.app_passwords import GraphAppPasswords
from services.azure.app_settings import AppServiceSettings
from services.azure.assignments import ArmAssignments
from services.azure.clock import ArmTime
from services.azure.credentials import IdentitySettings, make_credential
from services.azure.graph import GraphPeople
from services.azure.health_checks import HttpHealthChecks
from services.azure.limits import CallLimits
from services.azure.pipeline import Pipeline, open_pipeline
from services.azure.rights import ArmRights
from services.azure.secret_versions import KeyVaultSecretVersions
from services.azure.secrets import KeyVaultSecrets
from services.azure.sign_ins import EntraSignIns
from services.azure.standing import ArmStandingRoles
from services.azure.storage_keys import ArmStorageKeys
from services.azure.tables import AzureTable
from services.azure.vault_controls import ArmVaultControls
from services.clock import Clock
from services.faults import Fault
from services.operations.checks.check import Check
from services.operations.checks.own import OwnChecks
from services.operations.checks.people import PeopleChecks
from services.operations.checks.policy_file import policy_file_checks
from services.operations.checks.revocable import revocability_checks
from services.operations.checks.rotated import RotationChecks
from services.operations.checks.store import store_checks
from services.operations.checks.teams import teams_checks
from services.operations.checks.vaults import vault_checks
from services.operations.doctor import Doctor
from services.operations.health import Health, Probe
from services.operations.outbox_age import OutboxAge
from services.operations.revocability_notes import RevocabilityNotes
from services.operations.stuck import Stuck
from services.people.addresses import ConversationAddresses
from services.people.admins import Admins
from services.people.directory import Directory
from services.policies import Policies
from services.policy_file.watch import FileSnapshot, PolicyFileMoves, PolicyWatch, look_at
from services.rotation.abandon import Abandonments
from services.rotation.after_grant import AfterGrant
from services.rotation.app_lock import AppLocks
from services.rotation.capture import Capture
from services.rotation.holders import KeyHolders
from services.rotation.issue import Issue
from services.rotation.issuers import OPTION_CHECKS, app_registration, storage_account
from services.rotation.issuers import random as random_issuer
from services.rotation.late import LateVersions
from services.rotation.locks import Locks
from services.rotation.moves import RotationMoves
from services.rotation.newest_rules import NewestRules
from services.rotation.overview import Overview
from services.rotation.owed import OwedMoves
from services.rotation.plan_answers import PlanAnswers
from services.rotation.planner import Planner
from services.rotation.ports import Issuer
from services.rotation.propagate import Propagate
from services.rotation.recheck import Recheck
from services.rotation.retire import Retire
from services.rotation.rotations import Rotations
from services.rotation.schedules import ScheduleMoves, Schedules
from services.rotation.step import RotationStep
from services.rotation.verify import Verify
from services.rotation.write import Write
from services.secret_names import SecretNames
from services.storage import keys
from services.storage.documents import Documents
from services.storage.table import Table
from services.workflow.agenda import Agenda
from services.workflow.announcer_claims import AnnouncerClaims
from services.workflow.announcing import Announcer
from services.workflow.current_cards import CurrentCards
from services.workflow.engine import Engine
from services.workflow.index import Index
from services.workflow.journal import Journal
from services.workflow.messages import Messages
from services.workflow.quarantine import Quarantine
from services.workflow.worker import Worker
from services.workflow.workflows import Workflows

log = logging.getLogger("latchkey")

Sleep = Callable[[float], Awaitable[None]]


class _Api(TypedDict):
    """Where one of the clouds' APIs answers, and what its tokens are for."""

    endpoint: str
    token_scope: str


TABLE = "latchkey"
BETWEEN_TRIES_SECONDS = 2
BOT_CLOUDS = {
    "AzureCloud": clouds.PUBLIC,
    "AzureUSGovernment": clouds.US_GOVERNMENT,
    "AzureChinaCloud": clouds.CHINA,
}


def system_clock() -> datetime:
    return datetime.now(UTC)


def new_correlation_id() -> str:
    return uuid4().hex[:12]


def new_offer_id() -> str:
    """Return an id that nobody can guess."""
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class Composition:
    """Everything, constructed and not yet at work."""

    prepare: Callable[[], Awaitable[None]]
    """Makes the table unless it is there; nothing works before."""
    worker: Worker
    approvers: Approvers
    schedules: Schedules
    reconcile: Reconcile
    messages: MessagesRoute
    operations: OperationsRoutes
    resources: AsyncExitStack
    watch: PolicyWatch | None


async def compose(
    settings: Settings,
    clock: Clock,
    sleep: Sleep = asyncio.sleep,
    table: Table | None = None,
) -> Composition:
    """Construct everything; closing ``resources`` closes it all again.

    All is kept in the table of the settings, unless another one is given, which is there already.
    """
    # Looked at before it is read: a change in between is one that is seen.
    policy_file = look_at(settings.policy_file) if settings.policy_file else None
    policies = read_rules(settings, OPTION_CHECKS)
    resources = AsyncExitStack()
    pipeline = await resources.enter_async_context(open_pipeline(CallLimits(clock)))
    session = await resources.enter_async_context(_session_to_teams())
    credential = await _credential(settings, pipeline, resources)
    stored = await _table(settings, credential, pipeline, resources)
    prepare = _nothing if table else stored.ensure_exists
    table = table or stored
    azure = await _azure(settings, policies, credential, pipeline, session, resources)
    teams = await _teams(settings, table, pipeline, session, clock, sleep, resources)
    meter = _meter(settings, resources)
    core = _core(settings, policies, table, azure, teams, meter, clock)
    rotation = _rotation(core, azure)
    approvers = _approvers(core, azure)
    reconcile = _register_access(core, azure, rotation, approvers)
    watch = None
    if settings.policy_file and policy_file:
        watch = _policy_watch(core, rotation, approvers, settings.policy_file, policy_file)

    outbox_age = OutboxAge(Agenda(table, keys.OUTBOX), clock, meter)
    locks = RevocabilityNotes(core.policies, core.revocability, clock)
    probes = {**_probes(core, azure, teams), "locks": locks.look}
    of_file = watch.notes if watch else tuple
    health = Health(
        probes,
        core.workflows,
        core.agenda,
        core.quarantine,
        clock,
        meter,
        lambda: [*of_file(), *locks.notes()],
        outbox_age,
    )
    doctor = _doctor(core, azure, teams, rotation, reconcile, watch)
    bot = _bot(core, azure, teams, session, rotation, doctor, approvers, outbox_age)
    connectors = Connectors(teams.connector)
    adapter = TeamsAdapter(connectors, new_correlation_id)
    inbound = _inbound_tokens(settings, teams.cloud, clock, session)
    rules = ActivityRules(teams.service_urls, settings.tenants)
    gate = Gate(rules, inbound, connectors, settings.app_id or "")

    return Composition(
        prepare=prepare,
        worker=core.worker,
        approvers=approvers,
        schedules=rotation.schedules,
        reconcile=reconcile,
        messages=MessagesRoute(gate, adapter, over_sdk(bot.on_turn), new_correlation_id),
        operations=OperationsRoutes(health),
        resources=resources,
        watch=watch,
    )


async def make_app(settings: Settings) -> web.Application:
    """Make the application, with the worker that begins and ends with it."""
    composition = await compose(settings, system_clock)
    app = web.Application()
    composition.messages.register(app)
    composition.operations.register(app)

    async def background(_: web.Application) -> AsyncIterator[None]:
        preparing = asyncio.create_task(_until_it_works(composition.prepare), name="table")
        working = asyncio.create_task(_work(preparing, composition.worker), name="worker")
        working.add_done_callback(_say_how_it_ended)
        beginning = asyncio.create_task(_begin(preparing, composition), name="beginning")
        watching = asyncio.create_task(_watch(preparing, composition.watch), name="policy file")
        yield
        preparing.cancel()
        beginning.cancel()
        watching.cancel()
        await composition.worker.stop()
        await asyncio.gather(working, beginning, watching, return_exceptions=True)
        await composition.resources.aclose()

    app.cleanup_ctx.append(background)
    return app


async def _until_it_works(begin: Callable[[], Awaitable[None]]) -> None:
    """Do what a start needs, however long Azure takes; a fault of ours ends it, and is told."""
    while True:
        try:
            await begin()
        except Fault as fault:
            log.warning("not begun yet: %s", fault)
            await asyncio.sleep(BETWEEN_TRIES_SECONDS)
            continue
        except Exception:
            log.exception("not begun")
        return


async def _work(preparing: asyncio.Task[None], worker: Worker) -> None:
    await preparing
    await worker.run()


async def _begin(preparing: asyncio.Task[None], composition: Composition) -> None:
    """Begin what is not the worker's: none of it may keep access from being revoked."""
    await preparing
    await _until_it_works(composition.schedules.sync)
    await _until_it_works(composition.reconcile.begin)
    await _until_it_works(composition.approvers.follow)
    await composition.schedules.run()


async def _watch(preparing: asyncio.Task[None], watch: PolicyWatch | None) -> None:
    await preparing
    if watch:
        await watch.run()


def _say_how_it_ended(task: asyncio.Task[None]) -> None:
    if task.cancelled():
        log.warning("the worker was cancelled")
    elif error := task.exception():
        log.critical("the worker crashed", exc_info=error)
    else:
        log.info("the worker stopped")


def _session_to_teams() -> aiohttp.ClientSession:
    # aiohttp's own context is made when it is imported: this one heeds SSL_CERT_FILE of now.
    connector = aiohttp.TCPConnector(ssl=ssl.create_default_context())
    return aiohttp.ClientSession(
        connector=connector,
        # aiohttp looks proxies up anew, in a thread, each time; NO_PROXY alone names none.
        trust_env=bool(getproxies().keys() - {"no"}),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


@dataclass(frozen=True, slots=True)
class Azure:
    """What the use cases need of Azure, over one identity and one pool of connections."""

    secrets: KeyVaultSecrets
    assignments: ArmAssignments
    rights: ArmRights
    controls: ArmVaultControls
    standing: ArmStandingRoles
    time: ArmTime
    people: GraphPeople
    versions: KeyVaultSecretVersions
    apps: AppServiceSettings
    health: HttpHealthChecks
    issuers: Mapping[str, Issuer]


async def _azure(
    settings: Settings,
    policies: Policies,
    credential: AsyncTokenCredential,
    pipeline: Pipeline,
    session: aiohttp.ClientSession,
    resources: AsyncExitStack,
) -> Azure:
    endpoints = settings.endpoints
    arm: _Api = {
        "endpoint": endpoints.resource_manager,
        "token_scope": f"{endpoints.resource_manager_audience}/.default",
    }
    graph: _Api = {
        "endpoint": endpoints.graph,
        "token_scope": f"{endpoints.graph_audience}/.default",
    }
    suffix = endpoints.vault_suffix
    storage_keys = ArmStorageKeys(credential, pipeline, **arm)
    app_passwords = GraphAppPasswords(credential, pipeline, **graph)
    sign_ins = EntraSignIns(
        credential,
        pipeline,
        token_scope=graph["token_scope"],
        tenant_id=settings.azure_tenant_id,
        authority=endpoints.authority,
    )
    versions = KeyVaultSecretVersions(credential, pipeline, vault_suffix=suffix)
    azure = Azure(
        secrets=KeyVaultSecrets(credential, pipeline, vault_suffix=suffix),
        assignments=ArmAssignments(credential, pipeline, **arm),
        rights=ArmRights(credential, pipeline, **arm),
        controls=ArmVaultControls(credential, pipeline, **arm),
        standing=ArmStandingRoles(credential, pipeline, **arm),
        time=ArmTime(session, endpoints.resource_manager),
        people=GraphPeople(credential, pipeline, **graph),
        versions=versions,
        apps=AppServiceSettings(credential, pipeline, **arm),
        health=HttpHealthChecks(session),
        issuers={
            random_issuer.NAME: random_issuer.RandomIssuer(),
            storage_account.NAME: storage_account.StorageAccountIssuer(
                storage_keys, KeyHolders(versions, policies.rotated)
            ),
            app_registration.NAME: app_registration.AppRegistrationIssuer(app_passwords, sign_ins),
        },
    )
    closing = (azure.secrets, azure.assignments, azure.people, azure.versions, azure.apps)
    arm_clients = (azure.rights, azure.controls, azure.standing)
    for client in (*closing, *arm_clients, storage_keys, app_passwords):
        resources.push_async_callback(client.close)
    return azure


def _rotation_moves(
    azure: Azure, locks: Locks, rotations: Rotations, clock: Clock
) -> RotationMoves:
    app_locks = AppLocks(locks, rotations.is_over, clock)
    propagate = Propagate(azure.versions, azure.apps, app_locks, clock)
    steps: Mapping[Step, RotationStep] = {
        Step.CAPTURE: Capture(azure.versions, azure.apps, rotations.hold, clock),
        Step.ISSUE: Issue(azure.versions, azure.issuers, rotations.end_overlap),
        Step.WRITE: Write(azure.versions, azure.apps, azure.issuers, clock),
        Step.PROPAGATE: propagate,
        Step.VERIFY: Verify(azure.versions, azure.apps, azure.health),
    }
    recheck = Recheck(azure.versions, azure.apps, propagate)
    retire = Retire(azure.versions, azure.issuers, recheck)
    return RotationMoves(steps, retire, LateVersions(azure.versions), clock, random.random)


@dataclass(frozen=True, slots=True)
class Teams:
    """What reaches people, and tells who they are."""

    cloud: Cloud
    service_urls: ServiceUrls
    tokens: ConnectorTokens | None
    connector: Connector
    references: ConversationAddresses
    roster: TeamRoster
    chats: ChatRoster
    message_sender: TeamsMessageSender


async def _teams(
    settings: Settings,
    table: Table,
    pipeline: Pipeline,
    session: aiohttp.ClientSession,
    clock: Clock,
    sleep: Sleep,
    resources: AsyncExitStack,
) -> Teams:
    cloud = _bot_cloud(settings)
    service_urls = ServiceUrls(cloud.service_hosts, local=settings.app_id is None)
    tokens = await _connector_tokens(settings, cloud, clock, pipeline, resources)
    connector = Connector(session, tokens, service_urls, Pacing(time.monotonic, sleep), sleep)
    references = ConversationAddresses(table)
    audit_channel_id = settings.audit_channel_id or ""
    return Teams(
        cloud=cloud,
        service_urls=service_urls,
        tokens=tokens,
        connector=connector,
        references=references,
        roster=TeamRoster(connector, references, audit_channel_id),
        chats=ChatRoster(connector, references),
        message_sender=TeamsMessageSender(
            connector,
            references,
            app_id=settings.app_id or "",
            tenant_id=next(iter(settings.tenants or {""})),
            audit_channel_id=audit_channel_id,
            service_url=cloud.service_url,
        ),
    )


@dataclass(frozen=True, slots=True)
class Core:
    """What requests and rotations share: who is who, the rules, and the engine."""

    settings: Settings
    policies: Policies
    directory: Directory
    admins: Admins
    table: Table
    clock: Clock
    workflows: Workflows
    messages: Messages
    agenda: Agenda
    quarantine: Quarantine
    index: Index
    engine: Engine
    worker: Worker
    revocability: Revocability


def _core(
    settings: Settings,
    policies: Policies,
    table: Table,
    azure: Azure,
    teams: Teams,
    meter: Meter,
    clock: Clock,
) -> Core:
    directory = Directory([azure.people, teams.roster], clock, teams.chats)
    workflows, messages, index = Workflows(table), Messages(table), Index(table)
    agenda, outbox = Agenda(table, keys.AGENDA), Agenda(table, keys.OUTBOX)
    engine = Engine(workflows, clock, Journal(meter), index)
    quarantine = Quarantine(table)
    announcer = Announcer(
        workflows, messages, engine, teams.message_sender, clock, AnnouncerClaims(table)
    )
    return Core(
        settings=settings,
        policies=policies,
        directory=directory,
        admins=Admins(directory, settings.admins or settings.approvers),
        table=table,
        clock=clock,
        workflows=workflows,
        messages=messages,
        agenda=agenda,
        quarantine=quarantine,
        index=index,
        engine=engine,
        revocability=Revocability(azure.controls, clock),
        worker=Worker(agenda, outbox, engine, announcer, clock, random.random, quarantine),
    )


@dataclass(frozen=True, slots=True)
class Rotating:
    """What rotates, and when."""

    rotations: Rotations
    schedules: Schedules
    overview: Overview


def _rotation(core: Core, azure: Azure) -> Rotating:
    """Construct what rotates, and teach the engine how."""
    engine, clock, locks = core.engine, core.clock, Locks(core.table)
    rotations = Rotations(
        core.workflows, engine, core.policies, core.admins, locks, clock, core.worker.kick
    )
    newest = NewestRules(core.table, core.policies, clock)
    schedules = Schedules(core.workflows, engine, core.policies, newest, clock, random.random)
    engine.register(Rotation, _rotation_moves(azure, locks, rotations, clock))
    engine.register(OwedRotation, OwedMoves(rotations, clock, random.random))
    schedule_moves = ScheduleMoves(rotations, azure.versions, newest, clock, random.random)
    engine.register(ScheduledRotation, schedule_moves)
    return Rotating(rotations, schedules, Overview(rotations, schedules, azure.versions, clock))


def _approvers(core: Core, azure: Azure) -> Approvers:
    return Approvers(
        core.policies,
        core.directory,
        azure.secrets,
        core.admins,
        core.workflows,
        core.engine,
        OpenRequests(core.table),
        core.clock,
    )


def _register_access(
    core: Core, azure: Azure, rotation: Rotating, approvers: Approvers
) -> Reconcile:
    """Teach the engine to grant and to revoke; return what brings leases and Azure together."""
    engine, clock, leases = core.engine, core.clock, Leases(core.table, core.clock)
    after_grant = AfterGrant(rotation.rotations, engine, clock).rotate
    orphans = Orphans(engine, clock, core.worker.kick)
    moves = AccessMoves(
        leases,
        azure.assignments,
        clock,
        random.random,
        core.revocability,
        orphans.take_away,
        after_grant,
        approvers=approvers,
        still=StillReadable(core.workflows, core.index, clock, azure.standing),
    )
    engine.register(Request, moves)
    engine.register(Orphan, OrphanMoves(leases, azure.assignments, clock, random.random))
    engine.register(PolicyFile, PolicyFileMoves())
    reconcile = Reconcile(
        core.workflows,
        engine,
        core.policies,
        leases,
        azure.assignments,
        clock,
        core.worker.kick,
        orphans.take_away,
    )
    engine.register(Reconciliation, reconcile)
    return reconcile


def _policy_watch(
    core: Core, rotation: Rotating, approvers: Approvers, path: Path, seen: FileSnapshot
) -> PolicyWatch:
    async def follow() -> None:
        await rotation.schedules.sync()
        await approvers.follow()

    return PolicyWatch(
        path,
        seen,
        lambda content: rules_of(content, core.settings, OPTION_CHECKS),
        core.policies,
        core.workflows,
        core.engine,
        core.clock,
        core.worker.kick,
        follow,
    )


def _probes(core: Core, azure: Azure, teams: Teams) -> dict[str, Probe]:
    """Name what the bot cannot work without, each with a question that needs an answer."""
    probes: dict[str, Probe] = {
        "tables": lambda: core.table.get("readyz", "readyz"),
        "Key Vault": lambda: azure.secrets.state(core.settings.vault, "latchkey-readyz"),
    }
    if teams.tokens:
        probes["Teams credentials"] = teams.tokens.get_token
    return probes


def _doctor(
    core: Core,
    azure: Azure,
    teams: Teams,
    rotation: Rotating,
    reconcile: Reconcile,
    watch: PolicyWatch | None,
) -> Doctor:
    settings, policies = core.settings, core.policies
    people_checks = PeopleChecks(azure.people, core.directory, teams.references)
    rotation_checks = RotationChecks(azure.rights, azure.versions, azure.apps, rotation.schedules)
    own_checks = OwnChecks(
        core.workflows, core.agenda, core.quarantine, reconcile, azure.time, core.clock
    )
    get_token = teams.tokens.get_token if teams.tokens else None

    def checks() -> Iterator[Check]:
        yield from store_checks(core.table)
        yield from vault_checks(policies, azure.secrets, azure.rights)
        yield from revocability_checks(policies, azure.controls)
        yield from people_checks.checks(policies, settings.admins or settings.approvers)
        audit_channel_id, audit_team_id = settings.audit_channel_id, settings.audit_team_id
        yield from teams_checks(
            get_token, teams.roster, audit_channel_id or "", audit_team_id or ""
        )
        yield from rotation_checks.checks(policies)
        if watch:
            yield from policy_file_checks(watch.notes)
        yield from own_checks.checks()

    return Doctor(checks)


def _bot(
    core: Core,
    azure: Azure,
    teams: Teams,
    session: aiohttp.ClientSession,
    rotation: Rotating,
    doctor: Doctor,
    approvers: Approvers,
    outbox_age: OutboxAge,
) -> Latchkey:
    table, clock, policies = core.table, core.clock, core.policies
    directory, admins = core.directory, core.admins
    workflows, engine, kick = core.workflows, core.engine, core.worker.kick
    offers = AccessOffers(policies, directory, azure.secrets, core.revocability, azure.standing)
    rates = Rates(table, clock)
    access = Access(workflows, engine, offers, policies, directory, clock, kick, rates, approvers)
    endings = Endings(workflows, engine, admins, clock, kick)
    reviews = Reviews(workflows, engine, directory, clock, kick, approvers)
    planner = Planner(rotation.rotations, azure.versions, azure.apps, azure.issuers, clock)
    abandonments = Abandonments(rotation.rotations, azure.versions, clock)
    history = History(table, workflows)
    reader = FilterReader(directory, clock)
    uploads = Uploads(session, FileHosts(teams.cloud.file_hosts, core.settings.service_hosts))
    forms = DialogForms(DialogMemory(DocumentStorage(Documents(table))))
    card_tracker = CardTracker(core.messages)
    return Latchkey(
        AccessHandlers(access, card_tracker, forms),
        RotationHandlers(
            rotation.rotations,
            planner,
            rotation.overview,
            abandonments,
            admins,
            card_tracker,
            PlanAnswers(table, clock),
        ),
        BreakGlassHandlers(access, reviews, admins, card_tracker),
        ExtensionHandlers(Extensions(workflows, engine, directory, clock, kick, rates, approvers)),
        EndingHandlers(endings, card_tracker),
        OverdueHandlers(
            Overdue(workflows, engine, Leases(table, clock), admins, clock, kick, core.quarantine),
        ),
        ListingHandlers(
            Listings(workflows, core.index, admins, clock), endings, card_tracker, clock
        ),
        HistoryHandlers(
            HistoryAccess(history, workflows, rotation.overview, admins, clock), reader
        ),
        ExportHandlers(
            Exporter(history, workflows, clock),
            ExportOffers(table, clock, new_offer_id),
            uploads,
            reader,
            admins,
        ),
        OperatorHandlers(
            doctor, Stuck(workflows, core.agenda, clock, core.quarantine, outbox_age), admins
        ),
        RefreshHandlers(CurrentCards(workflows, admins)),
        teams.references,
        forms,
        SecretNames(policies, core.settings.endpoints.vault_suffix),
    )


async def _credential(
    settings: Settings, pipeline: Pipeline, resources: AsyncExitStack
) -> AsyncTokenCredential:
    identity = IdentitySettings(
        client_id=settings.azure_client_id,
        tenant_id=settings.azure_tenant_id,
        client_secret=settings.azure_client_secret,
        client_certificate_path=settings.azure_certificate_path,
        client_certificate_password=settings.azure_certificate_password,
        federated_token_file=settings.azure_federated_token_file,
        authority_host=settings.endpoints.authority,
    )
    return await resources.enter_async_context(make_credential(identity, pipeline))


async def _nothing() -> None:
    """Prepare a table that is there."""


async def _table(
    settings: Settings,
    credential: AsyncTokenCredential,
    pipeline: Pipeline,
    resources: AsyncExitStack,
) -> AzureTable:
    options = pipeline.table_options()
    if settings.storage_connection_string:
        service = TableServiceClient.from_connection_string(
            settings.storage_connection_string, **options
        )
    else:
        service = TableServiceClient(
            settings.tables_endpoint or "", credential=credential, **options
        )
    await resources.enter_async_context(service)
    return AzureTable(service.get_table_client(TABLE))


async def _connector_tokens(
    settings: Settings,
    cloud: Cloud,
    clock: Clock,
    pipeline: Pipeline,
    resources: AsyncExitStack,
) -> ConnectorTokens | None:
    """Make the source of the connector's tokens, by the kind of the bot's registration."""
    if settings.app_id is None:
        return None
    managed = settings.app_type == "UserAssignedMSI"
    identity = IdentitySettings(
        client_id=settings.app_id,
        tenant_id=None if managed else settings.token_tenant,
        client_secret=None if managed else settings.app_password,
        authority_host=settings.endpoints.authority,
    )
    credential = await resources.enter_async_context(make_credential(identity, pipeline))
    return ConnectorTokens(lambda: credential.get_token(cloud.scope), clock)


def _inbound_tokens(
    settings: Settings, cloud: Cloud, clock: Clock, session: aiohttp.ClientSession
) -> BearerTokens | None:
    if settings.app_id is None:
        return None
    signing_keys = SigningKeys(session, cloud.metadata_url, clock)
    return BearerTokens(signing_keys, settings.app_id, cloud.issuer, clock)


def _bot_cloud(settings: Settings) -> Cloud:
    """Return the cloud's Bot Framework endpoints, with what is overridden."""
    cloud = BOT_CLOUDS[settings.cloud]
    return Cloud(
        issuer=settings.token_issuer or cloud.issuer,
        metadata_url=settings.openid_metadata or cloud.metadata_url,
        scope=settings.connector_scope or cloud.scope,
        service_hosts=cloud.service_hosts | settings.service_hosts,
        service_url=settings.service_url or cloud.service_url,
        file_hosts=cloud.file_hosts,
    )


def _meter(settings: Settings, resources: AsyncExitStack) -> Meter:
    readers: list[MetricReader] = [PrometheusMetricReader()]
    if settings.telemetry:
        # Imported here, since it is slow to load and few local runs have use for it.
        from azure.monitor.opentelemetry.exporter import AzureMonitorMetricExporter

        exporter = AzureMonitorMetricExporter(connection_string=settings.telemetry)
        readers.append(PeriodicExportingMetricReader(exporter))
    provider = MeterProvider(metric_readers=readers, shutdown_on_exit=False)
    resources.callback(provider.shutdown)  # what is counted last is sent before the end
    return provider.get_meter("latchkey")


def _leave_no_core_dump() -> None:
    """Keep the memory of a process that dies out of files: there are values in it."""
    if sys.platform != "win32":  # which writes none unless told to
        import resource

        # One byte, not none: none does not keep Linux from piping a dump to a program.
        _, most = resource.getrlimit(resource.RLIMIT_CORE)
        size = 0 if most == 0 else 1
        resource.setrlimit(resource.RLIMIT_CORE, (size, size))


def main() -> None:
    """Serve until told to stop."""
    _leave_no_core_dump()
    handler = logging.StreamHandler()
    handler.setFormatter(
        logging.Formatter(
            "%(asctime)s %(levelname)s %(name)s [%(correlation_id)s] %(message)s",
            defaults={"correlation_id": "-"},
        )
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # At INFO the SDKs log every request, with its headers.
    logging.getLogger("azure").setLevel(logging.WARNING)
    for sentence in misspelt_variables(os.environ):
        log.warning("%s", sentence)
    try:
        serve(read_configuration(os.environ, OPTION_CHECKS))
    except ConfigurationError as error:
        sys.exit(str(error))


def serve(settings: Settings) -> None:
    """Serve with these settings; raises ConfigurationError where the policy file has faults."""
    if settings.app_id is None:
        log.warning(
            "LOCAL MODE: nobody is authenticated; listening on %s alone", settings.listen_on
        )
    # What was imported stays: looking through it for garbage would halt every turn for 0.1 s.
    gc.collect()
    gc.freeze()
    web.run_app(
        make_app(settings),
        host=settings.listen_on,
        port=settings.port,
        access_log=None,
        print=log.info,
        lingering_time=1,  # a refused upload is not listened to for long
        shutdown_timeout=10,
    )


if __name__ == "__main__":
    main()
