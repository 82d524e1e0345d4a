"""Client secrets of an Entra app registration, which can have several at a time."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from domain.reasons import Reason
from domain.rotation.rotation import RemainingCredential, Rotation
from domain.secrets import SecretValue
from services.faults import Rejected
from services.rotation.issuers.issuer import Issued, IssuerKind, IssuerRights, Preview
from services.rotation.issuers.options import Options, missing_options, unknown_options
from services.rotation.secret_versions import CREDENTIAL_TAG, Version
from services.rotation.step import NotYet

NAME = "app-registration"

_OPTIONS = ("application", "adopt")
_MOST_NAMED = 5
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

_OUTLIVES_ITS_VERSION_BY = timedelta(days=1)
"""How much longer than its version in the vault a client secret is valid, at least."""


@dataclass(frozen=True, slots=True)
class AppPassword:
    """A client secret without its value, which Entra returns once, on creation."""

    key_id: str
    name: str
    expires_at: datetime | None = None
    hint: str = ""
    """The first characters of its value, which Entra shows to people."""


class AppPasswords(Protocol):
    """The client secrets of app registrations; ``application`` is an object ID."""

    async def list(self, application: str) -> list[AppPassword]:
        """List all; raises Rejected if there is no such application."""

    async def client_id(self, application: str) -> str:
        """Return the ID that the application signs in with."""

    async def may_change(self, application: str) -> bool:
        """Return whether the bot may add and remove some: as an owner, or for all applications."""

    async def add(
        self, application: str, name: str, expires_at: datetime | None
    ) -> tuple[AppPassword, SecretValue]:
        """Create one; without an expiry time, Entra's default lifetime applies.

        After Unavailable it may have been created all the same; look for its name.
        """

    async def remove(self, application: str, key_id: str) -> None:
        """Remove one, and check that it's gone; removing a missing one is not an error."""


class SignIn(StrEnum):
    """The outcome of a sign-in with a client secret."""

    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not accepted"
    """Entra rejects the secret: it was removed, or isn't known everywhere in Entra yet."""
    UNTRIED = "untried"
    """Something else blocked the sign-in, which says nothing about the secret."""


@dataclass(frozen=True, slots=True)
class SignInAnswer:
    """Entra's answer, with its error code if it refused."""

    outcome: SignIn
    code: str = ""


class SignIns(Protocol):
    """Signs in as an application, to check whether a client secret is accepted."""

    async def test_value(self, client_id: str, secret: SecretValue) -> SignInAnswer:
        """Sign in once, and discard the token."""


class AppRegistrationIssuer:
    """Issues a client secret named after its rotation.

    Its options: ``application``, the object ID of the app registration, and ``adopt``, the key ID
    of the client secret that the first rotation replaces, since nothing in the vault names it.
    """

    def __init__(self, passwords: AppPasswords, sign_ins: SignIns) -> None:
        self._passwords = passwords
        self._sign_ins = sign_ins

    @property
    def kind(self) -> IssuerKind:
        return KIND

    async def reach(self, options: Options) -> None:
        """List the client secrets; raises NotPermitted."""
        await self._passwords.list(dict(options)["application"])

    async def prepare(self, rotation: Rotation, old: Version, value: SecretValue) -> str:  # noqa: ARG002 - an issuer's shape
        """Check that the application exists; Entra assigns the key ID on creation."""
        await self._passwords.list(_application(rotation))
        return ""

    async def issue(self, rotation: Rotation) -> Issued:
        """Create a client secret, beside those that this rotation may have created before.

        Those aren't removed here: a write whose answer was lost may still bring one of them into
        the vault. ``retire`` and ``withdraw`` remove them once that is known.
        """
        password, value = await self._passwords.add(
            _application(rotation), _name(rotation), _expiry(rotation)
        )
        return Issued(value, password.key_id, password.expires_at)

    async def is_alive(self, rotation: Rotation, credential: str, value: SecretValue) -> bool:
        """Say whether the application has the client secret: list them, then try a sign-in."""
        application = _application(rotation)
        if credential in {each.key_id for each in await self._passwords.list(application)}:
            return True
        # Listings lag behind; a successful sign-in is proof.
        answer = await self._sign_in(application, value)
        return answer.outcome is SignIn.ACCEPTED

    async def test_value(self, rotation: Rotation, value: SecretValue) -> Reason:
        """Sign in with the client secret, as an app will; Entra takes 4 to 18 s to accept it.

        Source: microsoft-graph-docs issue 17966.
        """
        answer = await self._sign_in(_application(rotation), value)
        match answer.outcome:
            case SignIn.ACCEPTED:
                return Reason("sign_in_succeeded")
            case SignIn.NOT_ACCEPTED:
                refused = Reason("client_secret_not_accepted", {"code": answer.code})
                raise NotYet("Microsoft Entra ID", refused)
            case SignIn.UNTRIED:
                return Reason("sign_in_not_tried", {"code": answer.code})

    async def preview(self, rotation: Rotation, old: Version, value: SecretValue) -> Preview:  # noqa: ARG002 - an issuer's shape
        """List the existing client secrets, and say which one would be removed."""
        listed = await self._passwords.list(_application(rotation))
        replaced = _replaced(rotation, old.tags.get(CREDENTIAL_TAG, ""))
        known = [each for each in listed if each.key_id == replaced]
        others = [each for each in listed if each.key_id != replaced]
        if known:
            removed = Reason("client_secret_will_be_removed", parts=(_said(known[0]),))
        elif replaced:
            removed = Reason("client_secret_missing", {"key_id": replaced})
        else:
            removed = Reason("client_secret_unknown")
        notes = (removed, _listed(others))
        if not await self._passwords.may_change(_application(rotation)):
            not_owned = Reason("application_not_owned", {"subject": _application(rotation)})
            return Preview(notes, (not_owned,))
        return Preview(notes)

    async def withdraw(self, rotation: Rotation, old: SecretValue | None) -> None:  # noqa: ARG002 - the old one is still there
        """Remove all client secrets that this rotation created, on record or not."""
        on_record = {rotation.credential} - {""}
        for key_id in on_record | await self._made_by(rotation):
            await self._passwords.remove(_application(rotation), key_id)

    async def changed_for_others(self, rotation: Rotation) -> Reason | None:  # noqa: ARG002 - an issuer's shape
        """Return None: what this rotation created was given to nobody else."""
        return None

    async def retire(self, rotation: Rotation) -> None:
        """Remove the old client secret, and what this rotation created beside the new one.

        If the old version doesn't name its client secret (before the first rotation) and the policy
        adopts none, the old one is unknown: all client secrets that others created stay.
        """
        old = {_replaced(rotation, rotation.old_credential)} - {""}
        for key_id in (old | await self._made_by(rotation)) - {rotation.credential}:
            await self._passwords.remove(_application(rotation), key_id)

    async def remaining(self, rotation: Rotation) -> tuple[RemainingCredential, ...]:
        """List the client secrets beside the new one."""
        listed = await self._passwords.list(_application(rotation))
        return tuple(
            RemainingCredential(
                id=each.key_id, name=each.name, hint=each.hint, ends_at=each.expires_at
            )
            for each in listed
            if each.key_id != rotation.credential
        )

    async def _sign_in(self, application: str, value: SecretValue) -> SignInAnswer:
        return await self._sign_ins.test_value(await self._passwords.client_id(application), value)

    async def _made_by(self, rotation: Rotation) -> set[str]:
        listed = await self._passwords.list(_application(rotation))
        return {password.key_id for password in listed if password.name == _name(rotation)}


def _application(rotation: Rotation) -> str:
    if faults := check_options(rotation.terms.options):
        raise Rejected(NAME, Reason("wrong_options", {"faults": tuple(faults)}))
    return dict(rotation.terms.options)["application"]


def _replaced(rotation: Rotation, named: str) -> str:
    """Return the key ID of the client secret that a rotation replaces; empty if it's unknown."""
    return named or dict(rotation.terms.options).get("adopt", "").lower()


def _listed(others: Sequence[AppPassword]) -> Reason:
    if not others:
        return Reason("no_other_client_secrets")
    named = tuple(_said(each) for each in others[:_MOST_NAMED])
    more = len(others) - len(named)
    return Reason("other_client_secrets_stay", {"more": more}, named)


def _said(password: AppPassword) -> Reason:
    ends_at = password.expires_at.isoformat() if password.expires_at else ""
    name = password.name or password.key_id
    return Reason("client_secret", {"name": name, "hint": password.hint, "ends_at": ends_at})


def _name(rotation: Rotation) -> str:
    return f"latchkey {rotation.id}"


def _expiry(rotation: Rotation) -> datetime | None:
    max_age = rotation.terms.max_age
    return rotation.asked_at + max_age + _OUTLIVES_ITS_VERSION_BY if max_age else None


def check_options(options: Options) -> list[str]:
    """Return the errors in a policy's options for this issuer; each begins with the option."""
    faults = [*unknown_options(options, _OPTIONS), *missing_options(options, ("application",))]
    application, adopt = (dict(options).get(name, "") for name in _OPTIONS)
    if application and _GUID.fullmatch(application) is None:
        faults.append("application: the object id of an app registration is expected")
    if adopt and _GUID.fullmatch(adopt) is None:
        faults.append("adopt: the key id of a client secret is expected")
    return faults


def _needs(options: Options) -> IssuerRights:
    return IssuerRights(application=dict(options).get("application", ""))


KIND = IssuerKind(
    name=NAME,
    check_options=check_options,
    needs=_needs,
    may_end=True,
)
