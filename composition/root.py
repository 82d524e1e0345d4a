"""The composition root: settings → clients → services → bot → routes."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from bot.transport.pages.operations_routes import OperationsRoutes
from bot.transport.pages.operator_token import OperatorToken
from bot.transport.pages.sign_in_routes import SignInRoutes
from bot.transport.route import MessagesRoute
from composition.access import compose_access
from composition.azure import compose_azure
from composition.checkpoints import compose_checkpoints
from composition.clients import open_clients, open_table
from composition.core import compose_core
from composition.counters import compose_counters
from composition.drills import canary_of, compose_drills
from composition.erasure import compose_erasure
from composition.handlers import compose_bot
from composition.kinds import KINDS
from composition.limits import compose_limits
from composition.operations import compose_operations
from composition.policy_file import compose_policy_answers, compose_policy_watch
from composition.retention import compose_retention, open_archive
from composition.rotation import compose_rotation
from composition.runtime import Runtime
from composition.step_up import StepUp, compose_step_up
from composition.teams import compose_route, compose_teams
from composition.telemetry import compose_telemetry
from config import Settings, read_rules
from services.access.following import FollowRules
from services.access.granting.reconcile import Reconcile
from services.audit.counts.counters import CounterMoves
from services.audit.days.checkpoints import CheckpointMoves
from services.azure.calls.arm_limits import ArmLimits
from services.drill.drills import DrillPlans
from services.operations.measuring import Measuring
from services.people.admins import Admins
from services.people.directory import Directory
from services.people.groups import GroupMemberships
from services.people.principals import NamedPrincipals
from services.policies import Policies
from services.policy_file.snapshot import look_at
from services.policy_file.watch import PolicyWatch
from services.retention.retention import Keeping, RetentionMoves
from services.rotation.scheduling.schedules import Schedules
from services.storage.table import Table
from services.workflow.worker import Worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """The whole bot, constructed but not started."""

    prepare: Callable[[], Awaitable[None]]
    """Creates the table unless it exists, and finds out which rules are accepted.

    To be called before anything else.
    """
    worker: Worker
    following: FollowRules
    schedules: Schedules
    reconcile: Reconcile
    checkpoints: CheckpointMoves
    counters: CounterMoves
    retention: RetentionMoves
    drills: DrillPlans
    messages: MessagesRoute
    operations: OperationsRoutes
    sign_ins: SignInRoutes | None
    """None if no sign-in is configured."""
    cut_short: Callable[[], None]
    """Ends all requests to Azure without an answer, except those to the table."""
    resources: AsyncExitStack
    watch: PolicyWatch | None
    measuring: Measuring | None
    """None if nothing is sent to Application Insights."""


async def compose(settings: Settings, runtime: Runtime, table: Table | None = None) -> Composition:
    """Construct everything; closing ``resources`` closes all of it.

    The bot uses the settings' table unless another one is given, which already exists.
    Raises ConfigurationError if the policy file has errors.
    """
    # Check the file's state before reading it, so that a change in between is noticed.
    policy_file = look_at(settings.policy_file) if settings.policy_file else None
    policies = read_rules(settings, KINDS)
    clock, resources = runtime.clock, AsyncExitStack()
    telemetry = compose_telemetry(settings, resources)
    clients = await open_clients(settings, clock, telemetry, resources)
    stored = await open_table(settings, clients, resources)
    prepare = _nothing if table else stored.ensure_exists
    table = table or stored
    azure = compose_azure(settings, policies, clients, resources)
    make_limit = compose_limits(table, runtime, resources)
    clients.limits.arm = ArmLimits(settings.endpoints.resource_manager, make_limit)
    teams = await compose_teams(settings, table, clients, runtime, make_limit, resources)

    directory = Directory([azure.people, teams.roster], clock, teams.chats)
    principals = NamedPrincipals(directory, GroupMemberships(azure.groups, clock))
    admins = _admins(settings, policies, directory, principals)
    core = compose_core(
        policies,
        directory,
        principals,
        admins,
        table,
        teams.message_sender,
        telemetry,
        clock,
        runtime.random,
        runtime.new_salt,
        runtime.new_correlation_id(),
    )
    rotation = compose_rotation(core, azure.rotation)
    access = compose_access(core, azure.access, rotation.after_grant.rotate)
    watch = compose_policy_watch(settings, policy_file, core, access, rotation)
    checkpoints = compose_checkpoints(core)
    counters = compose_counters(core)
    keeping = Keeping(settings.retention_days, open_archive(settings, clients, resources))
    retention = compose_retention(core, access.leases, keeping)
    erasures = compose_erasure(core, teams.references)
    canary = canary_of(settings)
    drills = compose_drills(core, access, canary, settings.drill_schedule or "")
    step_up = compose_step_up(settings, core, access, clients, runtime)
    operations = compose_operations(
        settings,
        core,
        azure,
        teams,
        access,
        rotation,
        step_up,
        watch,
        keeping,
        canary,
        drills,
        telemetry.meter,
    )
    answers = compose_policy_answers(core, watch)
    bot = compose_bot(
        settings,
        core,
        azure.access,
        access,
        rotation,
        step_up,
        operations,
        drills,
        checkpoints,
        counters.figures,
        erasures,
        answers,
        teams,
        clients.session,
        runtime,
    )
    if watch:
        await watch.begin()

    return Composition(
        prepare=_then_settle(prepare, watch) if watch else prepare,
        worker=core.worker,
        following=access.following,
        schedules=rotation.schedules,
        reconcile=access.reconcile,
        checkpoints=checkpoints.moves,
        counters=counters.moves,
        retention=retention,
        drills=drills,
        messages=compose_route(settings, teams, clients, runtime, bot, telemetry),
        operations=OperationsRoutes(operations.health, _operator_token(settings)),
        sign_ins=_sign_in_routes(settings, step_up, runtime),
        cut_short=clients.limits.cut_short,
        resources=resources,
        watch=watch,
        measuring=Measuring(operations.health.measure) if settings.telemetry else None,
    )


def _admins(
    settings: Settings, policies: Policies, directory: Directory, principals: NamedPrincipals
) -> Admins:
    return Admins(
        directory,
        principals,
        settings.admins or settings.approvers,
        lambda: policies.defaults.notify_members,
    )


def _operator_token(settings: Settings) -> OperatorToken | None:
    return OperatorToken(settings.metrics_token) if settings.metrics_token else None


def _sign_in_routes(
    settings: Settings, step_up: StepUp | None, runtime: Runtime
) -> SignInRoutes | None:
    if step_up is None or settings.public_url is None:
        return None
    is_secure = settings.public_url.startswith("https:")
    return SignInRoutes(step_up.sign_ins, runtime.new_correlation_id, is_secure=is_secure)


def _then_settle(
    prepare: Callable[[], Awaitable[None]], watch: PolicyWatch
) -> Callable[[], Awaitable[None]]:
    async def both() -> None:
        await prepare()
        await watch.settle()

    return both


async def _nothing() -> None:
    """Do nothing: a given table already exists."""
