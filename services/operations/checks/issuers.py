"""Checks that the bot has the rights that issuers of credentials need."""

from collections.abc import Iterator, Mapping

from domain.diagnosis import Finding, broken, doubtful, good
from domain.phrases import Phrase, phrase
from domain.rotation.policy import RotationPolicy
from services.faults import NotPermitted
from services.operations.checks.check import Check
from services.policies import Policies
from services.ports import AppOwners, Rights, missing
from services.rotation.issuers.issuer import NO_RIGHTS, Issuer, IssuerRights

_ENOUGH = phrase("the bot has the rights that it needs")


class IssuerChecks:
    """Creates a check for each rotated secret whose issuer needs rights of its own."""

    def __init__(self, rights: Rights, owners: AppOwners, issuers: Mapping[str, Issuer]) -> None:
        self._rights = rights
        self._owners = owners
        self._issuers = issuers

    def checks(self, policies: Policies) -> Iterator[Check]:
        for policy in policies.rotated():
            issuer = self._issuers.get(policy.issuer)
            needs = issuer.kind.needs(policy.options) if issuer else NO_RIGHTS
            if issuer and needs != NO_RIGHTS:
                yield self._check(policy, issuer, needs)

    def _check(self, policy: RotationPolicy, issuer: Issuer, needs: IssuerRights) -> Check:
        subject = phrase("Issuer of {secret}", secret=policy.secret)
        remedy = _own(needs) if needs.application else _give(needs)

        async def look() -> Finding:
            try:
                if needs.application:
                    return await self._of_application(subject, needs)
                return await self._on_resource(subject, policy, issuer, needs)
            except NotPermitted as fault:
                seen = phrase("the bot isn't permitted to read it ({cause})", cause=fault.cause)
                return broken(subject, seen, remedy)

        return Check(subject, look, remedy)

    async def _of_application(self, subject: Phrase, needs: IssuerRights) -> Finding:
        if await self._owners.may_change(needs.application):
            return good(subject, _ENOUGH)
        seen = phrase(
            "the bot doesn't own the application {application}", application=needs.application
        )
        return broken(subject, seen, _own(needs))

    async def _on_resource(
        self, subject: Phrase, policy: RotationPolicy, issuer: Issuer, needs: IssuerRights
    ) -> Finding:
        try:
            held = await self._rights.held(needs.resource)
        except NotPermitted:
            # Not every role shows itself; without any, this isn't permitted either.
            await issuer.reach(policy.options)
            seen = phrase(
                "can be read, but Azure doesn't show whether the bot has {permissions}",
                permissions=", ".join(needs.actions),
            )
            return doubtful(subject, seen, _show(needs))
        if lacking := missing(held, needs.actions):
            seen = phrase("the bot lacks {permissions}", permissions=", ".join(lacking))
            return broken(subject, seen, _give(needs))
        return good(subject, _ENOUGH)


def _own(needs: IssuerRights) -> Phrase:
    return phrase(
        "Make the bot's identity an owner of the application {application}, and give it "
        "{permission} in Microsoft Graph, as in {page}. It can take a day until a managed identity "
        "has a new permission.",
        application=needs.application,
        permission="Application.ReadWrite.OwnedBy",
        page="docs/deploy.md",
    )


def _give(needs: IssuerRights) -> Phrase:
    return phrase("Give the bot {role} on {resource}.", role=needs.role, resource=_name_of(needs))


def _show(needs: IssuerRights) -> Phrase:
    return phrase(
        "Make sure that the bot has {role} on {resource}. If you give it {reader} there too, I can "
        "check that.",
        role=needs.role,
        resource=_name_of(needs),
        reader="Reader",
    )


def _name_of(needs: IssuerRights) -> str:
    return needs.resource.rpartition("/")[2]
