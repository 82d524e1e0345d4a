"""What drills are about: a secret that is worth nothing, and a principal that is nobody."""

from dataclasses import dataclass, replace

from domain.access.request import Request
from domain.access.rules.policy import Policy, ScopeKind
from domain.access.target import Target
from domain.people import Actor
from domain.refusals.decisions import RequesterGone
from domain.refusals.refusal import Refusal
from domain.workflow import Change
from services.policies import Policies

_NAME = "Drill"
"""What the principal is called: its name in the directory doesn't matter."""


@dataclass(frozen=True, slots=True)
class Canary:
    """The secret's name, and the object ID of a user who can't sign in."""

    secret: str
    principal_id: str

    @property
    def principal(self) -> Actor:
        return Actor("", self.principal_id, _NAME)

    def policy(self, policies: Policies) -> Policy:
        """Return the rules for the secret: its role and its vault.

        Nobody can request it unless a rule says so, and drills only ever open this one secret.
        """
        found = policies.of(self.secret) or policies.defaults
        return replace(found, secret=self.secret, scope_kind=ScopeKind.SECRET)

    def target(self, policies: Policies) -> Target:
        """Return what a drill opens, with the role that grants have."""
        policy = self.policy(policies)
        return Target(
            secret=policy.secret,
            vault=policy.vault.name,
            vault_url=policy.vault.url,
            role=policy.role,
            scope=policy.scope,
            exposes=1,
            secret_scope=policy.scope,
            allow_locked=policy.allow_locked,
        )


class NoPeople:
    """Stands for the people of a request: nobody asks for a drill's access, or approves it.

    Its principal can't sign in, which is no reason to give nothing.
    """

    async def change_briefly(self, request: Request) -> Change[Request] | None:
        """Change no approvers."""
        del request
        return None

    async def find_departure(self, request: Request) -> RequesterGone | None:
        """Find nobody who left."""
        del request
        return None


class NothingToCheck:
    """Stands for the checks of approvals: nobody approves a drill."""

    async def check(self, request: Request) -> Change[Request]:
        """Return the request as it is."""
        return Change(request)

    async def why_not(self, request: Request) -> Refusal | None:
        """Find nothing that approvers couldn't approve."""
        del request
        return None
