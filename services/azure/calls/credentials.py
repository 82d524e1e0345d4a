"""The identity that the bot signs in to Azure with."""

from dataclasses import dataclass, field
from typing import Any

from azure.core.credentials_async import AsyncTokenCredential
from azure.identity.aio import (
    CertificateCredential,
    ClientSecretCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

from services.azure.calls.pipeline import Pipeline


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentitySettings:
    """The environment variables of azure-identity, under the same names; None if not set."""

    client_id: str | None = None
    tenant_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    client_certificate_path: str | None = None
    client_certificate_password: str | None = field(default=None, repr=False)
    federated_token_file: str | None = None
    authority_host: str | None = None
    """Where tokens are issued; defaults to the public cloud's authority."""


def make_credential(settings: IdentitySettings, pipeline: Pipeline) -> AsyncTokenCredential:
    """Create the credential that the settings describe, or else the managed identity's.

    DefaultAzureCredential would try several at run time and sign in with whichever answers; here
    only the settings decide. azure-identity finds the kind of managed identity by itself, from
    IDENTITY_ENDPOINT and similar variables.
    """
    options: dict[str, Any] = pipeline.credential_options()
    if settings.authority_host:
        options["authority"] = settings.authority_host
    tenant_id, client_id = settings.tenant_id, settings.client_id
    if tenant_id and client_id:
        if settings.client_secret:
            return ClientSecretCredential(tenant_id, client_id, settings.client_secret, **options)
        if settings.client_certificate_path:
            return CertificateCredential(
                tenant_id,
                client_id,
                settings.client_certificate_path,
                password=settings.client_certificate_password,
                **options,
            )
        if settings.federated_token_file:
            return WorkloadIdentityCredential(
                tenant_id=tenant_id,
                client_id=client_id,
                token_file_path=settings.federated_token_file,
                **options,
            )
    return ManagedIdentityCredential(client_id=client_id, **options)
