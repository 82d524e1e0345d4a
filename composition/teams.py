"""Teams: the connector's tokens and calls, proactive messages, and the route for messages."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

import aiohttp

from bot.delivery.own_chats import OwnChats
from bot.delivery.sender import TeamsMessageSender
from bot.handlers.latchkey import Latchkey
from bot.transport.adapter import TeamsAdapter
from bot.transport.clouds import BOT_CLOUDS, Cloud
from bot.transport.inbound.authentication import ActivityRules, Gate
from bot.transport.inbound.bearer import BearerTokens
from bot.transport.inbound.keys import SigningKeys
from bot.transport.outbound.connector import PATIENCE_WITHOUT_TURN, Connector
from bot.transport.outbound.pacing import Pacing, bot_rate
from bot.transport.outbound.roster import ChatRoster, TeamRoster
from bot.transport.outbound.sdk_connector import Connectors
from bot.transport.outbound.tokens import ConnectorTokens
from bot.transport.route import MessagesRoute
from bot.transport.service_urls import ServiceUrls
from bot.transport.turn import over_sdk
from bot.transport.turn_metrics import TurnMetrics
from cards.languages.language import language_of
from composition.clients import Clients
from composition.limits import MakeLimit
from composition.runtime import Runtime
from composition.telemetry import Telemetry
from config import Settings
from services.azure.calls.credentials import IdentitySettings, make_credential
from services.azure.calls.pipeline import Pipeline
from services.clock import Clock
from services.people.addresses import ConversationAddresses
from services.storage.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Teams:
    """The parts that reach people in Teams, and look them up there."""

    cloud: Cloud
    service_urls: ServiceUrls
    tokens: ConnectorTokens | None
    connector: Connector
    references: ConversationAddresses
    roster: TeamRoster
    chats: ChatRoster
    message_sender: TeamsMessageSender
    own_chats: OwnChats


async def compose_teams(
    settings: Settings,
    table: Table,
    clients: Clients,
    runtime: Runtime,
    make_limit: MakeLimit,
    resources: AsyncExitStack,
) -> Teams:
    """Construct the outbound side: the connector, and the sender that posts with it."""
    cloud = bot_cloud(settings)
    service_urls = ServiceUrls(cloud.service_hosts, local=settings.app_id is None)
    tokens = await _connector_tokens(settings, cloud, runtime.clock, clients.pipeline, resources)
    pacing = Pacing(runtime.monotonic, runtime.sleep, make_limit("teams", bot_rate()))
    pooled = clients.session, tokens, service_urls, pacing, runtime.sleep
    connector = Connector(*pooled)
    references = ConversationAddresses(table, runtime.clock)
    audit_channel_id = settings.audit_channel_id or ""
    app_id, tenant_id = settings.app_id or "", next(iter(settings.tenants or {""}))
    own_chats = OwnChats(
        connector,
        references,
        app_id=app_id,
        tenant_id=tenant_id,
        service_url=cloud.service_url,
    )
    return Teams(
        cloud=cloud,
        service_urls=service_urls,
        tokens=tokens,
        connector=connector,
        references=references,
        roster=TeamRoster(connector, references, audit_channel_id),
        chats=ChatRoster(connector, references),
        message_sender=TeamsMessageSender(
            Connector(*pooled, patience=PATIENCE_WITHOUT_TURN),
            references,
            app_id=app_id,
            tenant_id=tenant_id,
            audit_channel_id=audit_channel_id,
            service_url=cloud.service_url,
            clock=runtime.clock,
            own_chats=own_chats,
            audit_language=language_of(settings.audit_language),
        ),
        own_chats=own_chats,
    )


def compose_route(
    settings: Settings,
    teams: Teams,
    clients: Clients,
    runtime: Runtime,
    bot: Latchkey,
    telemetry: Telemetry,
) -> MessagesRoute:
    """Construct the inbound side: the gate, the SDK's adapter, and the route before them."""
    connectors = Connectors(teams.connector)
    adapter = TeamsAdapter(connectors, runtime.new_correlation_id)
    tokens = _inbound_tokens(settings, teams.cloud, runtime.clock, clients.session)
    rules = ActivityRules(teams.service_urls, settings.tenants)
    gate = Gate(rules, tokens, connectors, settings.app_id or "")
    language = language_of(settings.audit_language)
    on_turn = over_sdk(bot.on_turn, language)
    return MessagesRoute(
        gate,
        adapter,
        on_turn,
        runtime.new_correlation_id,
        language,
        TurnMetrics(telemetry.meter),
        telemetry.tracer,
    )


async def _connector_tokens(
    settings: Settings, cloud: Cloud, clock: Clock, pipeline: Pipeline, resources: AsyncExitStack
) -> ConnectorTokens | None:
    """Construct the source of the connector's tokens, by the type of the bot's registration."""
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


def bot_cloud(settings: Settings) -> Cloud:
    """Return the cloud's Bot Framework endpoints, with the settings that override them."""
    cloud = BOT_CLOUDS[settings.cloud]
    return Cloud(
        issuer=settings.token_issuer or cloud.issuer,
        metadata_url=settings.openid_metadata or cloud.metadata_url,
        scope=settings.connector_scope or cloud.scope,
        service_hosts=cloud.service_hosts | settings.service_hosts,
        service_url=settings.service_url or cloud.service_url,
        file_hosts=cloud.file_hosts,
    )
