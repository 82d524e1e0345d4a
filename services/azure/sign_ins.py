"""Sign-ins of applications, to see whether Entra accepts a client secret."""

import re

import jwt
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import ClientAuthenticationError
from azure.identity.aio import ClientSecretCredential

from domain.secrets import SecretValue
from services.azure.errors import translated
from services.azure.pipeline import Pipeline
from services.faults import Unavailable
from services.rotation.issuers.app_registration import SignIn, SignInAnswer

SERVICE = "Microsoft Entra ID"

_CODE = re.compile(r"AADSTS\d+")
_WRONG_SECRET = frozenset({"AADSTS7000215", "AADSTS7000222"})
"""An invalid client secret, and one that has expired.

Source: Microsoft Entra authentication and authorization error codes.
"""


class EntraSignIns:
    """Sign-ins, behind ``services.rotation.issuers.app_registration.SignIns``.

    The application signs in for itself at the bot's tenant, for a token of Microsoft Graph: any
    application gets one, whatever it may do there. The token is used for nothing.
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
        """Take the bot's identity, whose token names the tenant where the settings do not."""
        self._credential = credential
        self._pipeline = pipeline
        self._scope = token_scope
        self._tenant_id = tenant_id
        self._authority = authority

    async def test_value(self, client_id: str, secret: SecretValue) -> SignInAnswer:
        """Sign in once; raises Unavailable where Entra does not answer."""
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
        # It is not closed: the connections are the bot's.
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
                # Ours, from Entra itself: it is read, and nothing is trusted for it.
                claims = jwt.decode(token.token, options={"verify_signature": False})
                self._tenant_id = str(claims["tid"])
        return self._tenant_id


def _answer(error: ClientAuthenticationError) -> SignInAnswer | None:
    """Read what Entra said; None where it did not say anything."""
    code = _CODE.search(error.message)
    if code is None:
        return None
    is_wrong = code[0] in _WRONG_SECRET
    return SignInAnswer(SignIn.NOT_ACCEPTED if is_wrong else SignIn.UNTRIED, code[0])
