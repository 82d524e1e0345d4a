"""The bot: the handlers of commands and clicks, over the use cases."""

import aiohttp

from bot.access_turns import AccessTurns
from bot.break_glass_turns import BreakGlassTurns
from bot.ending_turns import EndingTurns
from bot.export_turns import ExportTurns
from bot.history_filter import FilterReader
from bot.history_turns import HistoryTurns
from bot.latchkey import Latchkey
from bot.listing_turns import ListingTurns
from bot.operator_turns import OperatorTurns
from bot.overdue_turns import OverdueTurns
from bot.own_card import OwnCard
from bot.refresh import RefreshTurns
from bot.rotation_turns import RotationTurns
from bot.storage import DialogMemory, DocumentStorage
from bot.uploads import FileHosts, Uploads
from bot.window_turns import WindowTurns
from composition.access import AccessServices
from composition.core import Core
from composition.operations import Operations
from composition.rotation import RotationServices
from composition.runtime import Runtime
from composition.teams import Teams
from config import Settings
from services.current_cards import CurrentCards
from services.documents import Documents
from services.export import Exporter
from services.history import History
from services.offers import Offers
from services.past import Past
from services.plan_answers import PlanAnswers
from services.secret_names import SecretNames


def compose_bot(
    settings: Settings,
    core: Core,
    access: AccessServices,
    rotation: RotationServices,
    operations: Operations,
    teams: Teams,
    session: aiohttp.ClientSession,
    runtime: Runtime,
) -> Latchkey:
    """Construct the handlers, and the bot that gives each turn to its own."""
    table, workflows, admins, clock = core.table, core.workflows, core.admins, core.clock
    own_card = OwnCard(core.messages)
    memory = DialogMemory(DocumentStorage(Documents(table)))
    history, reader = History(table, workflows), FilterReader(core.directory, clock)
    return Latchkey(
        AccessTurns(access.access, own_card, memory),
        RotationTurns(
            rotation.rotations,
            rotation.planner,
            rotation.overview,
            rotation.abandonments,
            admins,
            own_card,
            PlanAnswers(table, clock),
        ),
        BreakGlassTurns(access.access, access.reviews, admins, own_card),
        WindowTurns(access.extensions),
        EndingTurns(access.endings, own_card),
        OverdueTurns(access.overdue),
        ListingTurns(access.listings, access.endings, own_card, clock),
        HistoryTurns(Past(history, workflows, rotation.overview, admins, clock), reader),
        ExportTurns(
            Exporter(history, workflows, clock),
            Offers(table, clock, runtime.new_offer_id),
            Uploads(session, FileHosts(teams.cloud.file_hosts, settings.service_hosts)),
            reader,
            admins,
        ),
        OperatorTurns(operations.doctor, operations.stuck, admins),
        RefreshTurns(CurrentCards(workflows, admins)),
        teams.references,
        memory,
        SecretNames(core.policies, settings.endpoints.vault_suffix),
    )
