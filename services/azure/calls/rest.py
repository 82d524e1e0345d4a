"""A client of Microsoft's JSON APIs, for the services that the bot uses without an SDK."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from azure.core import AsyncPipelineClient
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.pipeline.policies import (
    AsyncBearerTokenCredentialPolicy,
    ContentDecodePolicy,
    HttpLoggingPolicy,
    RequestIdPolicy,
    UserAgentPolicy,
)
from azure.core.rest import AsyncHttpResponse, HttpRequest

from services.azure.calls.own_identity import OwnIdentity, own_identity
from services.azure.calls.pipeline import Pipeline


class RestAdapter:
    """The base of adapters that call one endpoint as the bot."""

    def __init__(
        self,
        credential: AsyncTokenCredential,
        pipeline: Pipeline,
        *,
        endpoint: str,
        token_scope: str,
    ) -> None:
        """Take the bot's identity, its connections, and the endpoint with its token's scope."""
        self._credential, self._token_scope = credential, token_scope
        options = pipeline.client_options()
        policies = [
            RequestIdPolicy(),
            UserAgentPolicy("latchkey"),
            ContentDecodePolicy(),
            options["retry_policy"],
            AsyncBearerTokenCredentialPolicy(credential, token_scope),
            HttpLoggingPolicy(),
        ]
        self._client: AsyncPipelineClient[HttpRequest, AsyncHttpResponse] = AsyncPipelineClient(
            endpoint, policies=policies, transport=options["transport"]
        )

    async def close(self) -> None:
        """Close the client."""
        await self._client.close()

    async def _get(
        self, path: str, query: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Read an object; raises HttpResponseError for any answer that isn't a 2xx."""
        request = HttpRequest("GET", self._url(path, query), headers=dict(headers or {}))
        return _object(await self._client.send_request(request))

    async def _list(self, path: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
        """Read all pages of a list; raises HttpResponseError for any answer that isn't a 2xx."""
        answer = await self._get(path, query)
        found: list[dict[str, Any]] = list(answer.get("value", ()))
        while following := answer.get("nextLink"):
            answer = await self._get(str(following), {})
            found += answer.get("value", ())
        return found

    async def _post(
        self,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        *,
        retried: bool = True,
    ) -> dict[str, Any]:
        """Call an action; returns an empty object for an answer without content.

        An action that creates something each time must not be ``retried``.
        """
        request = HttpRequest("POST", self._url(path, query or {}), json=body)
        options: dict[str, Any] = {} if retried else {"retry_total": 0}
        return _object(await self._client.send_request(request, **options))

    async def _own_identity(self) -> OwnIdentity:
        """Return who the bot is to the endpoint."""
        return await own_identity(self._credential, self._token_scope)

    def _url(self, path: str, query: Mapping[str, str]) -> str:
        # Encoded here, because azure-core doesn't encode parameters.
        encoded = urlencode(query, safe="$,", quote_via=quote)
        url = self._client.format_url(path)
        return f"{url}?{encoded}" if encoded else url


def _object(response: AsyncHttpResponse) -> dict[str, Any]:
    response.raise_for_status()
    answer: dict[str, Any] = response.json() if response.content else {}
    return answer
