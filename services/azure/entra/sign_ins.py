"""Test sign-ins, to find out whether Entra accepts a client secret."""

import re

import jwt
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import ClientAuthenticationError
from azure.identity.aio import ClientSecretCredential

from domain.secrets import SecretValue
from services.azure.calls.errors import translated
from services.azure.calls.pipeline import Pipeline
from services.faults import Unavailable
from services.rotation.issuers.app_registration import SignIn, SignInAnswer

SERVICE = "Microsoft Entra ID"

_CODE = re.compile(r"AADSTS\d+")
_WRONG_SECRET = frozenset({"AADSTS7000215", "AADSTS7000222"})
"""The codes of an invalid client secret and of an expired one.

Source: Microsoft Entra authentication and authorization error codes.
"""


class EntraSignIns:
    """Sign-ins, behind ``services.rotation.issuers.app_registration.SignIns``.

    The application signs in to the bot's tenant for a Microsoft Graph token. Every application
    gets one, whatever its permissions. The token isn't used.
    """

    def __init__(
        self,
        credential: AsyncTokenCredential,
        pipeline: Pipeline,
        *,
        token_scope: str,
        tenant_id: str | None = None,
        authority: str | None = None,
    ) -> None:
        """Take the bot's identity; its token names the tenant if the settings don't."""
        self._credential = credential
        self._pipeline = pipeline
        self._scope = token_scope
        self._tenant_id = tenant_id
        self._authority = authority

    async def test_value(self, client_id: str, secret: SecretValue) -> SignInAnswer:
        """Sign in once; raises Unavailable if Entra doesn't answer."""
        tenant = await self._tenant()
        with translated(SERVICE, codes_only=True):
            answer = await self._signed_in(tenant, client_id, secret)
        if answer is None:
            raise Unavailable(SERVICE, "no answer to a sign-in", outcome_unknown=False)
        return answer

    async def _signed_in(
        self, tenant: str, client_id: str, secret: SecretValue
    ) -> SignInAnswer | None:
        options = self._pipeline.credential_options()
        if self._authority:
            options["authority"] = self._authority
        # Not closed: the connections belong to the bot.
        application = ClientSecretCredential(tenant, client_id, secret.reveal(), **options)
        try:
            await application.get_token(self._scope)
        except ClientAuthenticationError as error:
            return _answer(error)
        return SignInAnswer(SignIn.ACCEPTED)

    async def _tenant(self) -> str:
        if self._tenant_id is None:
            with translated(SERVICE, codes_only=True):
                token = await self._credential.get_token(self._scope)
                # Our own token, straight from Entra. It is only read; nothing is authorized by it.
                claims = jwt.decode(token.token, options={"verify_signature": False})
                self._tenant_id = str(claims["tid"])
        return self._tenant_id


def _answer(error: ClientAuthenticationError) -> SignInAnswer | None:
    """Return Entra's answer to a sign-in; None if there was none."""
    code = _CODE.search(error.message)
    if code is None:
        return None
    is_wrong = code[0] in _WRONG_SECRET
    return SignInAnswer(SignIn.NOT_ACCEPTED if is_wrong else SignIn.UNTRIED, code[0])
