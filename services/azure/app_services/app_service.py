"""App Services and their slots in Azure Resource Manager: what all their settings share."""

import re
from contextlib import AbstractContextManager
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.core.rest import HttpRequest

from domain.rotation.rotation import AppSlot
from services.azure.calls.errors import code_of, codes_of, message_of, status_of, translated
from services.azure.calls.late_imports import import_late
from services.azure.calls.pipeline import Pipeline
from services.faults import Fault, Rejected
from services.rotation.dependents.kind import AppBusy, AppGone, ReferenceState

if TYPE_CHECKING:
    from azure.mgmt.web.aio import WebSiteManagementClient
    from azure.mgmt.web.aio.operations import WebAppsOperations
    from azure.mgmt.web.models import ApiKVReference

SERVICE = "App Service"

# The version in which App Service documents the refresh, which the SDK has no method for.
_REFRESH_API_VERSION = "2022-03-01"

# ARM's codes for an app or a resource group that doesn't exist.
_GONE = frozenset({"ResourceNotFound", "ResourceGroupNotFound"})

# App Service answers "Conflict" for temporary and for lasting ones: only its message differs.
# azure-sdk-for-java#1827, azure-pipelines-tasks#14689.
_BUSY = re.compile(r"another operation is in progress", re.IGNORECASE)
_NAME_CONFLICT = re.compile(r"already exists", re.IGNORECASE)
_CONFLICTS = frozenset({HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS})

# App Service's code for a setting that isn't a reference; ARM has others for a missing app.
_NO_REFERENCE = "NotFound"


class AppServiceConfig:
    """One of the configurations of App Services.

    Its faults name codes and never the service's message, which could quote a value.
    """

    def __init__(
        self,
        credential: AsyncTokenCredential,
        pipeline: Pipeline,
        *,
        endpoint: str,
        token_scope: str,
    ) -> None:
        """Take the bot's identity, its connections, and the cloud's resource manager."""
        self._credential = credential
        self._pipeline = pipeline
        self._endpoint = endpoint
        self._token_scope = token_scope
        self._clients: dict[str, WebSiteManagementClient] = {}

    async def refresh(self, app: AppSlot) -> None:
        """Have the app resolve all its Key Vault references again, without a restart.

        This path also covers connection strings: it is the only one that App Service documents
        ("App Service Key Vault references", Microsoft Learn).
        """
        path = f"{quote(app.id)}/config/configreferences/appsettings/refresh"
        url = f"{self._endpoint}{path}?api-version={_REFRESH_API_VERSION}"
        with faults(app):
            client = await self._client(app)
            answer = await client.send_request(HttpRequest("POST", url))
            answer.raise_for_status()

    async def close(self) -> None:
        """Close the clients."""
        for client in self._clients.values():
            await client.close()
        self._clients.clear()

    async def _web(self, app: AppSlot) -> "WebAppsOperations":
        return (await self._client(app)).web_apps

    async def _client(self, app: AppSlot) -> "WebSiteManagementClient":
        """Return the client of the app's subscription."""
        if app.subscription not in self._clients:
            client = await import_late(_load)
            self._clients.setdefault(
                app.subscription,
                client(
                    self._credential,
                    app.subscription,
                    base_url=self._endpoint,
                    credential_scopes=[self._token_scope],
                    **self._pipeline.client_options(),
                ),
            )
        return self._clients[app.subscription]


def _load() -> "type[WebSiteManagementClient]":
    """Import the SDK: it takes 24 MB and 0.4 s, and many deployments have no app to update."""
    from azure.mgmt.web.aio import WebSiteManagementClient

    return WebSiteManagementClient


def state_of(found: "ApiKVReference") -> ReferenceState | None:
    """Return the state of a reference; None if the setting isn't one."""
    if not found.status:
        return None
    status = str(getattr(found.status, "value", found.status))
    state = ReferenceState(status, found.active_version or None)
    if state.is_resolved and not state.active_version:
        # No property has to be there. Of a pinned reference, the version that it names is enough.
        return replace(state, active_version=found.secret_version or None)
    return state


def is_no_reference(error: ResourceNotFoundError) -> bool:
    """Say whether the app exists, and the setting is missing or isn't a reference."""
    return code_of(error) == _NO_REFERENCE


def faults(app: AppSlot, *, changes: bool = False) -> AbstractContextManager[None]:
    """Raise the service's errors about an app as faults."""

    def known(error: Exception) -> Fault | None:
        if not isinstance(error, HttpResponseError):
            return None
        if code_of(error) in _GONE:
            return AppGone(
                str(app), codes_of(error), status=status_of(error), code=code_of(error) or ""
            )
        return _conflict(error) if error.status_code in _CONFLICTS else None

    return translated(SERVICE, codes_only=True, changes=changes, known=known)


def _conflict(error: HttpResponseError) -> Fault | None:
    """Tell a temporary conflict from one that someone has to resolve; None for any other."""
    answer, status, code = codes_of(error), error.status_code, code_of(error) or ""
    if _BUSY.search(message_of(error)):
        cause = f"{answer}: the app is busy with another operation"
        return AppBusy(SERVICE, cause, outcome_unknown=False, status=status, code=code)
    if code == "ScopeLocked":
        cause = f"{answer}: a lock on the app, its group or its subscription forbids changes"
        return Rejected(SERVICE, cause, status=status, code=code)
    if _NAME_CONFLICT.search(message_of(error)):
        cause = f"{answer}: a setting of this name exists in another spelling"
        return Rejected(SERVICE, cause, status=status, code=code)
    return None
