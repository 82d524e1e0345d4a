"""The Azure adapters behind the ports of requests, rotations and checks."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TypedDict

from composition.clients import Clients
from composition.ports import AccessPorts, AzurePorts, CheckPorts, RotationPorts
from config import Settings
from services.azure.app_passwords import GraphAppPasswords
from services.azure.app_settings import AppServiceSettings
from services.azure.assignments import ArmAssignments
from services.azure.clock import ArmTime
from services.azure.graph import GraphPeople
from services.azure.health_checks import HttpHealthChecks
from services.azure.rights import ArmRights
from services.azure.secret_versions import KeyVaultSecretVersions
from services.azure.secrets import KeyVaultSecrets
from services.azure.sign_ins import EntraSignIns
from services.azure.standing import ArmStandingRoles
from services.azure.storage_keys import ArmStorageKeys
from services.azure.vault_controls import ArmVaultControls
from services.clouds import AzureEndpoints
from services.policies import Policies
from services.rotation.holders import KeyHolders
from services.rotation.issuers import app_registration, storage_account
from services.rotation.issuers import random as random_issuer
from services.rotation.ports import Issuer


class _Api(TypedDict):
    """One cloud's API: its endpoint, and the scope of its tokens."""

    endpoint: str
    token_scope: str


def compose_azure(
    settings: Settings, policies: Policies, clients: Clients, resources: AsyncExitStack
) -> AzurePorts:
    """Construct the adapters, over one identity and one pool of connections."""
    credential, pipeline, session = clients.credential, clients.pipeline, clients.session
    endpoints = settings.endpoints
    arm, graph, suffix = _arm(endpoints), _graph(endpoints), endpoints.vault_suffix
    secrets = KeyVaultSecrets(credential, pipeline, vault_suffix=suffix)
    versions = KeyVaultSecretVersions(credential, pipeline, vault_suffix=suffix)
    assignments = ArmAssignments(credential, pipeline, **arm)
    rights = ArmRights(credential, pipeline, **arm)
    controls = ArmVaultControls(credential, pipeline, **arm)
    standing = ArmStandingRoles(credential, pipeline, **arm)
    apps = AppServiceSettings(credential, pipeline, **arm)
    storage_keys = ArmStorageKeys(credential, pipeline, **arm)
    people = GraphPeople(credential, pipeline, **graph)
    app_passwords = GraphAppPasswords(credential, pipeline, **graph)
    sign_ins = EntraSignIns(
        credential,
        pipeline,
        token_scope=graph["token_scope"],
        tenant_id=settings.azure_tenant_id,
        authority=endpoints.authority,
    )
    issuers: dict[str, Issuer] = {
        random_issuer.NAME: random_issuer.RandomIssuer(),
        storage_account.NAME: storage_account.StorageAccountIssuer(
            storage_keys, KeyHolders(versions, policies.rotated)
        ),
        app_registration.NAME: app_registration.AppRegistrationIssuer(app_passwords, sign_ins),
    }
    closing: list[Callable[[], Awaitable[None]]] = [
        secrets.close,
        assignments.close,
        people.close,
        versions.close,
        apps.close,
        rights.close,
        controls.close,
        standing.close,
        storage_keys.close,
        app_passwords.close,
    ]
    for close in closing:
        resources.push_async_callback(close)
    return AzurePorts(
        people=people,
        access=AccessPorts(
            secrets=secrets, assignments=assignments, controls=controls, standing=standing
        ),
        rotation=RotationPorts(
            versions=versions, apps=apps, health=HttpHealthChecks(session), issuers=issuers
        ),
        checks=CheckPorts(
            rights=rights, accounts=people, time=ArmTime(session, endpoints.resource_manager)
        ),
    )


def _arm(endpoints: AzureEndpoints) -> _Api:
    return {
        "endpoint": endpoints.resource_manager,
        "token_scope": f"{endpoints.resource_manager_audience}/.default",
    }


def _graph(endpoints: AzureEndpoints) -> _Api:
    return {
        "endpoint": endpoints.graph,
        "token_scope": f"{endpoints.graph_audience}/.default",
    }
