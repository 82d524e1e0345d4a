"""The settings of what the bot stores, and for how long."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from config.section import Section, Unset
from domain.retention.retention import LEAST_DAYS
from services import variables


class StorageSettings(Section):
    """Where state is stored, and where it goes in the end."""

    storage_connection_string: (
        Annotated[str, BeforeValidator(variables.connection_string)] | None
    ) = Field(
        None,
        alias="AZURE_STORAGE_CONNECTION_STRING",
        repr=False,
        description="where state is stored",
    )
    tables_endpoint: Annotated[str, BeforeValidator(variables.tables_endpoint)] | None = Field(
        None,
        alias="AZURE_TABLES_ENDPOINT",
        description="where state is stored, like `https://ACCOUNT.table.core.windows.net`; used "
        "with the bot's identity, instead of a connection string",
    )
    archive_container: Annotated[
        Annotated[str, BeforeValidator(variables.container)] | None,
        Unset("none: nothing is removed"),
    ] = Field(
        None,
        alias="ARCHIVE_CONTAINER_URL",
        description="a container in Blob Storage, like "
        "`https://ACCOUNT.blob.core.windows.net/latchkey`, for requests and rotations that ended "
        "long ago; used with the bot's identity, which needs "
        "[Storage Blob Data Contributor](deploy.md#the-archive) on it",
    )
    retention_days: Annotated[int, BeforeValidator(variables.retention_days)] = Field(
        LEAST_DAYS,
        alias="RETENTION_DAYS",
        description="how many days after their end they are "
        "[archived and removed from the table](runbook.md#the-archive): "
        f"{LEAST_DAYS} or more, or 0 to keep everything",
    )
