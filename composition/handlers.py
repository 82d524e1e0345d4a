"""The bot: the handlers of commands and clicks, over the use cases."""

import aiohttp

from bot.delivery.card_tracker import CardTracker
from bot.forms import Forms
from bot.handlers.access import AccessHandlers
from bot.handlers.answering import AnswerHandlers
from bot.handlers.break_glass import BreakGlassHandlers
from bot.handlers.command_table import Handlers
from bot.handlers.confirming import Confirming
from bot.handlers.drills import DrillHandlers
from bot.handlers.endings import EndingHandlers
from bot.handlers.erasing import ErasingHandlers
from bot.handlers.explanations import ExplanationHandlers
from bot.handlers.export import ExportHandlers
from bot.handlers.extensions import ExtensionHandlers
from bot.handlers.form_places import FormPlaces
from bot.handlers.history import HistoryHandlers
from bot.handlers.history_filter import FilterReader
from bot.handlers.latchkey import Latchkey
from bot.handlers.listings import ListingHandlers
from bot.handlers.my_access import MyAccessHandlers
from bot.handlers.operators import OperatorHandlers
from bot.handlers.outdated import OutdatedCards
from bot.handlers.overdue import OverdueHandlers
from bot.handlers.own_requests import OwnRequestHandlers
from bot.handlers.person_reader import PersonReader
from bot.handlers.picking import PickingHandlers
from bot.handlers.policy_file import PolicyFileHandlers
from bot.handlers.progress import ProgressMessages
from bot.handlers.refresh import RefreshHandlers
from bot.handlers.rotation import RotationHandlers
from bot.handlers.rotation_list import RotationListHandlers
from bot.handlers.secret_list import SecretListHandlers
from bot.handlers.stuck_list import StuckListHandlers
from bot.handlers.welcome import WelcomeHandlers
from bot.transport.roster import ConversationRoster
from bot.transport.uploads import FileHosts, Uploads
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
from services.access.choices import SecretChoices
from services.access.open_requests import OpenRequests
from services.audit.access_reviews import AccessReviews
from services.audit.export import Exporter
from services.audit.export_offers import ExportOffers
from services.audit.history import History
from services.audit.history_access import HistoryAccess
from services.audit.named_people import NamedPeople
from services.audit.outside_reads import ReadsOutsideGrants
from services.audit.people_in_history import PeopleInHistory
from services.audit.period_figures import PeriodFigures
from services.audit.read_exports import ReadExports
from services.audit.reports import Reports
from services.audit.requested_before import RequestedBefore
from services.audit.sealed_records import SealedRecords
from services.drill.drills import DrillPlans
from services.erasure.erasures import Erasures
from services.people.roles import KnownRoles
from services.policy_file.answers import PolicyFileAnswers
from services.secret_names import SecretNames
from services.storage.documents import Documents
from services.workflow.current_cards import CurrentCards
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
