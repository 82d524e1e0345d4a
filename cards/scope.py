"""What a grant opens, said so that an approver can weigh it."""

from domain.access import Terms

# Azure's built-in roles for Key Vault data; any other role is shown by its id.
_ROLES = {
    "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7": "Key Vault Secrets Officer",
    "21090545-7ca7-4776-b22c-e363652d74d2": "Key Vault Reader",
}


def say_role(role: str) -> str:
    """Name a role by its GUID or full ARM id."""
    guid = role.rsplit("/", 1)[-1].lower()
    return _ROLES.get(guid, guid)


def say_scope(terms: Terms) -> str:
    """Say what the scope exposes: ``The whole vault: 37 secrets``."""
    if "/secrets/" in terms.scope.lower():
        return "This secret alone"
    match terms.exposes:
        case None:
            return "The whole vault; its secrets could not be counted"
        case 1:
            return "The whole vault: 1 secret"
        case count:
            return f"The whole vault: {count:,} secrets"
