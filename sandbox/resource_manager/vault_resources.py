"""Azure Resource Manager: key vaults as resources."""

from sandbox import roles
from sandbox.calls import Call, Reply, route
from sandbox.errors import arm_refusal
from sandbox.resource_manager.checks import authenticated, authorized
from sandbox.state import State


def get_vault(state: State, call: Call, scope: str) -> Reply:
    """Return a vault with its permission model, without its access policies."""
    allowed = authorized(state, call, authenticated(state, call), roles.READ_VAULT, scope)
    vault = state.vault_at(scope)
    if vault is None or vault.scope.lower() != scope.lower():
        raise arm_refusal(
            404,
            "ResourceNotFound",
            f"The Resource '{scope}' was not found.",
            headers=allowed.headers,
        )
    return Reply(
        200,
        {
            "id": vault.scope,
            "name": vault.name,
            "type": "Microsoft.KeyVault/vaults",
            "location": "westeurope",
            "properties": {
                "tenantId": state.seed.tenant_id,
                "sku": {"family": "A", "name": "standard"},
                "vaultUri": f"{vault.url}/",
                "accessPolicies": [],
                "enableRbacAuthorization": vault.rbac,
                "enableSoftDelete": True,
            },
        },
        allowed.headers,
    )


ROUTES = (
    route(
        "GET",
        r"(?P<scope>/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.KeyVault"
        r"/vaults/[^/]+)",
        get_vault,
    ),
)
