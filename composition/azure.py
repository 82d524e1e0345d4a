"""The Azure adapters behind the ports of requests, rotations and checks."""

from contextlib import AsyncExitStack

from composition.adapters import Adapters
from composition.clients import Clients
from composition.kinds import make_dependents, make_issuers
from composition.ports import AccessPorts, AzurePorts, CheckPorts, RotationPorts
from config import Settings
from services.azure.app_services.health_checks import HttpHealthChecks
from services.azure.authorization.assignments import ArmAssignments
from services.azure.authorization.rights import ArmRights
from services.azure.authorization.standing import ArmStandingRoles
from services.azure.authorization.vault_controls import ArmVaultControls
from services.azure.calls.clock import ArmTime
from services.azure.entra.app_passwords import GraphAppPasswords
from services.azure.entra.graph import GraphPeople
from services.azure.entra.groups import GraphGroups
from services.azure.key_vault.secrets import KeyVaultSecrets
from services.policies import Policies


def compose_azure(
    settings: Settings, policies: Policies, clients: Clients, resources: AsyncExitStack
) -> AzurePorts:
    """Construct the adapters, which share one identity and one pool of connections."""
    credential, pipeline, session = clients.credential, clients.pipeline, clients.session
    endpoints = settings.endpoints
    azure = Adapters(settings, clients, policies, resources)
    secrets = azure.closed(
        KeyVaultSecrets(credential, pipeline, vault_suffix=endpoints.vault_suffix)
    )
    people = azure.graph(GraphPeople)
    return AzurePorts(
        people=people,
        groups=azure.graph(GraphGroups),
        access=AccessPorts(
            secrets=secrets,
            assignments=azure.arm(ArmAssignments),
            controls=azure.arm(ArmVaultControls),
            standing=azure.arm(ArmStandingRoles),
            reads=azure.read_log(),
        ),
        rotation=RotationPorts(
            versions=azure.versions,
            dependents=make_dependents(azure),
            health=HttpHealthChecks(session),
            issuers=make_issuers(azure),
        ),
        checks=CheckPorts(
            rights=azure.arm(ArmRights),
            accounts=people,
            owners=azure.graph(GraphAppPasswords),
            time=ArmTime(session, endpoints.resource_manager),
        ),
    )
