"""The bot: the handlers of commands and clicks, over the use cases."""

import aiohttp

from bot.delivery.card_tracker import CardTracker
from bot.forms import Forms
from bot.handlers.access.answering import AnswerHandlers
from bot.handlers.access.break_glass import BreakGlassHandlers
from bot.handlers.access.confirming import Confirming
from bot.handlers.access.endings import EndingHandlers
from bot.handlers.access.explanations import ExplanationHandlers
from bot.handlers.access.extensions import ExtensionHandlers
from bot.handlers.access.form_places import FormPlaces
from bot.handlers.access.listings import ListingHandlers
from bot.handlers.access.my_access import MyAccessHandlers
from bot.handlers.access.outdated import OutdatedCards
from bot.handlers.access.own_requests import OwnRequestHandlers
from bot.handlers.access.picking import PickingHandlers
from bot.handlers.access.refresh import RefreshHandlers
from bot.handlers.access.requests import AccessHandlers
from bot.handlers.access.secret_list import SecretListHandlers
from bot.handlers.admin.drills import DrillHandlers
from bot.handlers.admin.erasing import ErasingHandlers
from bot.handlers.admin.operators import OperatorHandlers
from bot.handlers.admin.overdue import OverdueHandlers
from bot.handlers.admin.policy_file import PolicyFileHandlers
from bot.handlers.admin.rotation import RotationHandlers
from bot.handlers.admin.rotation_list import RotationListHandlers
from bot.handlers.admin.stuck_list import StuckListHandlers
from bot.handlers.command_table import Handlers
from bot.handlers.latchkey import Latchkey
from bot.handlers.person_reader import PersonReader
from bot.handlers.progress import ProgressMessages
from bot.handlers.records.export import ExportHandlers
from bot.handlers.records.history import HistoryHandlers
from bot.handlers.records.history_filter import FilterReader
from bot.handlers.welcome import WelcomeHandlers
from bot.transport.outbound.roster import ConversationRoster
from bot.transport.outbound.uploads import FileHosts, Uploads
from composition.access import AccessServices
from composition.checkpoints import CheckpointServices
from composition.core import Core
from composition.operations import Operations
from composition.ports import AccessPorts
from composition.rotation import RotationServices
from composition.runtime import Runtime
from composition.step_up import StepUp
from composition.teams import Teams
from config import Settings
from services.access.asking.choices import SecretChoices
from services.access.who_decides.open_requests import OpenRequests
from services.audit.access_reviews import AccessReviews
from services.audit.counts.period_figures import PeriodFigures
from services.audit.days.sealed_records import SealedRecords
from services.audit.files.export import Exporter
from services.audit.files.export_offers import ExportOffers
from services.audit.files.read_exports import ReadExports
from services.audit.history import History
from services.audit.history_access import HistoryAccess
from services.audit.named_people import NamedPeople
from services.audit.outside_reads import ReadsOutsideGrants
from services.audit.people_in_history import PeopleInHistory
from services.audit.reports import Reports
from services.audit.requested_before import RequestedBefore
from services.drill.drills import DrillPlans
from services.erasure.erasures import Erasures
from services.people.roles import KnownRoles
from services.policy_file.answers import PolicyFileAnswers
from services.secret_names import SecretNames
from services.storage.documents import Documents
from services.workflow.announcing.current_cards import CurrentCards
from services.workflow.plan_answers import PlanAnswers


def compose_bot(
    settings: Settings,
    core: Core,
    ports: AccessPorts,
    access: AccessServices,
    rotation: RotationServices,
    step_up: StepUp | None,
    operations: Operations,
    drills: DrillPlans,
    checkpoints: CheckpointServices,
    figures: PeriodFigures,
    erasures: Erasures,
    policy_file: PolicyFileAnswers,
    teams: Teams,
    session: aiohttp.ClientSession,
    runtime: Runtime,
) -> Latchkey:
    """Construct the handlers, and the bot that dispatches each turn to one of them."""
    table, workflows, admins, clock = core.table, core.workflows, core.admins, core.clock
    card_tracker = CardTracker(core.messages, clock)
    roles = KnownRoles(core.policies, core.principals, admins, clock)
    confirming = Confirming(step_up.sign_ins if step_up else None)
    forms = Forms(Documents(table), clock)
    people = PersonReader(core.directory, ConversationRoster(teams.connector))
    names = SecretNames(core.policies, settings.endpoints.vault_suffix)
    history, reader = History(table, workflows), FilterReader(people, clock)
    choices = SecretChoices(core.policies, access.offers, RequestedBefore(history))
    form_places = FormPlaces(forms, teams.own_chats)
    listings = ListingHandlers(access.listings, card_tracker, clock)
    outdated = OutdatedCards(access.endings, clock)
    requests = AccessHandlers(
        access.access, card_tracker, forms, clock, confirming, form_places, admins, people
    )
    rotations = _rotations(core, rotation, card_tracker)
    overdue = OverdueHandlers(access.overdue)
    sealed = SealedRecords(table, workflows)
    outside_grants = ReadsOutsideGrants(
        ports.reads,
        core.policies,
        ports.secrets,
        history,
        core.directory,
        clock,
        settings.own_client_ids,
    )
    reports = Reports(figures, workflows, rotation.overview, clock)
    progress = ProgressMessages(clock, runtime.wait_to_update)
    handlers = Handlers(
        access=requests,
        answers=AnswerHandlers(
            access.access, access.extensions, access.listings, listings, confirming, card_tracker
        ),
        break_glass=BreakGlassHandlers(
            access.access, access.reviews, admins, card_tracker, confirming, form_places, clock
        ),
        drills=DrillHandlers(drills, admins, card_tracker),
        endings=EndingHandlers(
            access.endings, access.still_readable, card_tracker, outdated, clock
        ),
        erasing=ErasingHandlers(erasures, people, admins),
        explanations=ExplanationHandlers(access.explanations, people),
        exports=ExportHandlers(
            Exporter(history, workflows, checkpoints.exported_days, clock),
            _access_reviews(core, history),
            reports,
            outside_grants,
            ReadExports(workflows, access.grant_reads, outside_grants, clock),
            ExportOffers(table, clock, runtime.new_offer_id),
            Uploads(session, FileHosts(teams.cloud.file_hosts, settings.service_hosts)),
            reader,
            admins,
            progress,
        ),
        extensions=ExtensionHandlers(
            access.extensions,
            access.endings,
            card_tracker,
            confirming,
            form_places,
            outdated,
            clock,
        ),
        history=HistoryHandlers(
            HistoryAccess(
                history, workflows, reports, sealed, admins, access.grant_reads, outside_grants
            ),
            reader,
            PeopleInHistory(history, admins),
            names,
            checkpoints.days,
            progress,
        ),
        listings=listings,
        my_access=MyAccessHandlers(access.listings, access.endings, access.extensions, clock),
        operators=OperatorHandlers(operations.doctor, admins, progress),
        overdue=overdue,
        own_requests=OwnRequestHandlers(access.reminders, access.endings, outdated, clock),
        picking=PickingHandlers(choices, people),
        policy_file=PolicyFileHandlers(policy_file, admins),
        refresh=RefreshHandlers(CurrentCards(workflows, access.sight), clock),
        rotation=rotations,
        rotation_list=RotationListHandlers(
            rotations, rotation.rotations, rotation.overview, admins
        ),
        secret_list=SecretListHandlers(access.access, choices, requests),
        stuck_list=StuckListHandlers(
            operations.stuck, access.overdue, rotation.rotations, admins, overdue, rotations
        ),
        welcome=WelcomeHandlers(roles, teams.references),
    )
    return Latchkey(handlers, teams.references, names, sealed, roles)


def _rotations(
    core: Core, rotation: RotationServices, card_tracker: CardTracker
) -> RotationHandlers:
    return RotationHandlers(
        rotation.rotations,
        rotation.planner,
        rotation.abandonments,
        core.admins,
        card_tracker,
        PlanAnswers(core.table, core.clock),
    )


def _access_reviews(core: Core, history: History) -> AccessReviews:
    return AccessReviews(
        history,
        core.workflows,
        OpenRequests(core.table),
        core.policies,
        NamedPeople(core.directory, core.principals),
        core.clock,
    )
