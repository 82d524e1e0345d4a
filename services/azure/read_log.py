"""Who read which secret, in a Log Analytics workspace to which the vaults send their logs."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from azure.core.credentials_async import AsyncTokenCredential

from domain.access.reads import (
    OPERATIONS,
    Logged,
    LogSpan,
    Read,
    Reader,
    ReadersFound,
    SecretOfVault,
    guid_in,
)
from services.azure.calls.errors import translated
from services.azure.calls.late_imports import import_late
from services.azure.calls.pipeline import Pipeline

if TYPE_CHECKING:
    from azure.monitor.query import LogsTable
    from azure.monitor.query.aio import LogsQueryClient

SERVICE = "Log Analytics"

SERVER_SECONDS = 10
"""How long Log Analytics may work on a query; it ends with 504 then."""

# What is asked for is the same in both tables: which of them a vault's lines are in depends on its
# diagnostic setting. A table without any line may not exist, and a column of AzureDiagnostics
# exists once a line has had it. The caller is where Key Vault logs it for its own operations (oid),
# or where the documentation has it. Sources: Microsoft Learn, "AZKVAuditLogs", "AzureDiagnostics",
# "Azure Key Vault logging" and "union operator".
ROWS = """\
let rows = union isfuzzy=true
(datatable(At: datetime, Vault: string, Operation: string, Status: int, Item: string,
 Caller: string, IsPerson: bool, Application: string, Assignment: string)[]),
(AZKVAuditLogs
| extend Claims = todynamic(Identity).claim
| project At = TimeGenerated, Vault = tolower(_ResourceId), Operation = OperationName,
 Status = toint(HttpStatusCode), Item = tolower(Id),
 Caller = tolower(coalesce(tostring(Claims.oid),
 tostring(Claims["http://schemas.microsoft.com/identity/claims/objectidentifier"]))),
 IsPerson = isnotempty(strcat(tostring(Claims.upn), tostring(Claims.scp),
 tostring(Claims["http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"]))),
 Application = tostring(Claims.appid), Assignment = tolower(AppliedAssignmentId)),
(AzureDiagnostics
| where ResourceProvider == "MICROSOFT.KEYVAULT" and Category == "AuditEvent"
| project At = TimeGenerated, Vault = tolower(_ResourceId), Operation = OperationName,
 Status = toint(column_ifexists("httpStatusCode_d", real(null))),
 Item = tolower(column_ifexists("id_s", "")),
 Caller = tolower(coalesce(tostring(column_ifexists("identity_claim_oid_g", "")),
 tostring(column_ifexists(
 "identity_claim_http_schemas_microsoft_com_identity_claims_objectidentifier_g", "")))),
 IsPerson = isnotempty(strcat(tostring(column_ifexists("identity_claim_upn_s", "")),
 tostring(column_ifexists("identity_claim_scp_s", "")), tostring(column_ifexists(
 "identity_claim_http_schemas_xmlsoap_org_ws_2005_05_identity_claims_upn_s", "")))),
 Application = tostring(column_ifexists("identity_claim_appid_g", "")), Assignment = "")
| where Vault in ({vaults})
| extend Parts = split(Item, "/")
| extend Secret = tostring(Parts[4]), Version = tostring(Parts[5]),
 Assigned = replace_string(tostring(split(Assignment, "/")[-1]), "-", ""),
 Application = iff(IsPerson, "", tolower(Application));
"""
"""The lines of some vaults; an item is like ``https://VAULT.vault.azure.net/secrets/NAME/VERSION``."""

_NAMES = ", ".join(f'"{name}"' for name in OPERATIONS)
_VALUES = f"| where Operation in ({_NAMES}) and Status == 200"
_OPENED = _VALUES + " and Secret in ({secrets})"
# SecretList and SecretListVersions show no values.

_HEARD = "(rows | summarize At = max(At) by Vault)"

READS = (
    ROWS + "union (rows " + _VALUES + " and ((Secret in ({secrets}) and Caller in ({callers})) "
    "or Assigned in (dynamic([{assignments}]))) | top {most} by At desc "
    "| project At, Vault, Secret, Version, Caller, Assignment, Operation), " + _HEARD
)
READERS = (
    ROWS + "union (rows " + _OPENED + " | summarize Count = count(), First = min(At), At = max(At) "
    "by Vault, Secret, Caller, IsPerson, Application, Assignment | top {most} by Count desc), "
    + _HEARD
)
HEARD = ROWS + "rows | summarize At = max(At) by Vault"

_Row = Mapping[str, Any]


class LogAnalyticsReadLog:
    """One workspace, behind ``services.access.reads.read_log.ReadLog``.

    Needs Log Analytics Data Reader on it, for the two tables.
    """

    def __init__(
        self,
        credential: AsyncTokenCredential,
        pipeline: Pipeline,
        *,
        endpoint: str,
        token_scope: str,
        workspace: str,
    ) -> None:
        """Take the bot's identity, its connections, the cloud's endpoint, and the workspace."""
        self._credential = credential
        self._pipeline = pipeline
        self._endpoint = endpoint
        self._token_scope = token_scope
        self._workspace = workspace
        self._client: LogsQueryClient | None = None

    async def reads(
        self,
        places: Sequence[SecretOfVault],
        callers: Sequence[str],
        span: LogSpan,
        most: int,
        assignments: Collection[str] = (),
    ) -> Logged:
        """Return the newest successful reads, by these object IDs or under these assignments.

        Those under an assignment are of any secret of the vaults.
        """
        query = READS.format(
            vaults=_vaults(places),
            secrets=_secrets(places),
            callers=_quoted(callers),
            assignments=_quoted(assignments),
            most=most + 1,  # one more shows whether there are more
        )
        rows, is_whole = await self._ask(query, span)
        found = [row for row in rows if row["Secret"]]
        reads = [_read(row, place) for row, place in _about(places, found, assignments)]
        reads.sort(key=lambda read: read.at, reverse=True)
        return Logged(
            reads=tuple(reads[:most]),
            heard=_heard(rows),
            is_whole=is_whole and len(found) <= most,
            is_partial=not is_whole,
        )

    async def readers(
        self, places: Sequence[SecretOfVault], span: LogSpan, most: int
    ) -> ReadersFound:
        """Return who read these secrets, and how often: the most frequent first."""
        query = READERS.format(vaults=_vaults(places), secrets=_secrets(places), most=most + 1)
        rows, is_whole = await self._ask(query, span)
        found = [row for row in rows if row["Secret"]]
        readers = [_reader(row, place) for row, place in _about(places, found)]
        readers.sort(key=lambda reader: -reader.count)
        return ReadersFound(
            readers=tuple(readers[:most]),
            heard=_heard(rows),
            is_whole=is_whole and len(found) <= most,
            is_partial=not is_whole,
        )

    async def heard(self, vault_ids: Sequence[str], span: LogSpan) -> Mapping[str, datetime]:
        """Return when each vault's newest line is from, by its ID in lower case, if it has any."""
        rows, _ = await self._ask(HEARD.format(vaults=_quoted(vault_ids)), span)
        return _heard(rows)

    async def close(self) -> None:
        """Close the client."""
        if self._client:
            await self._client.close()
            self._client = None

    async def _ask(self, query: str, span: LogSpan) -> tuple[list[_Row], bool]:
        """Return the rows of an answer, and whether it is whole."""
        with translated(SERVICE):
            client = await self._opened()
            answer = await client.query_workspace(
                self._workspace,
                query,
                timespan=(span.start, span.end),
                server_timeout=SERVER_SECONDS,
            )
            partial: Sequence[LogsTable] | None = getattr(answer, "partial_data", None)
            tables: Sequence[LogsTable] = getattr(answer, "tables", None) or partial or ()
            rows: list[_Row] = [
                dict(zip(table.columns, row, strict=True)) for table in tables for row in table.rows
            ]
            return rows, partial is None

    async def _opened(self) -> "LogsQueryClient":
        if self._client is None:
            makes = await import_late(_load)
            if self._client is None:
                self._client = makes(
                    self._credential,
                    endpoint=self._endpoint,
                    credential_scopes=[self._token_scope],
                    **self._pipeline.client_options(),
                )
        return self._client


def _load() -> "type[LogsQueryClient]":
    """Import the SDK: it takes a moment, and many deployments have no workspace."""
    from azure.monitor.query.aio import LogsQueryClient

    return LogsQueryClient


def _vaults(places: Sequence[SecretOfVault]) -> str:
    return _quoted([place.vault_id for place in places])


def _secrets(places: Sequence[SecretOfVault]) -> str:
    return _quoted([place.secret for place in places])


def _quoted(names: Collection[str]) -> str:
    """Write names in lower case as literals of the query, each once.

    JSON's escapes for quotes, backslashes and what isn't ASCII are also those of KQL (Microsoft
    Learn, "The string data type"), so no name ends its literal.
    """
    return ", ".join(json.dumps(name) for name in sorted({name.lower() for name in names}))


def _about(
    places: Sequence[SecretOfVault], rows: Sequence[_Row], assignments: Collection[str] = ()
) -> Iterator[tuple[_Row, SecretOfVault]]:
    """Yield each row with its place, except those about a secret of that name in another vault.

    What one of the assignments allowed may be about any secret.
    """
    wanted = {place.key: place for place in places}
    vaults = {place.vault_id.lower(): place.vault_id for place in places}
    for row in rows:
        if place := wanted.get((row["Vault"], row["Secret"])):
            yield row, place
        elif assignments and guid_in(row["Assignment"] or "") in assignments:
            yield row, SecretOfVault(vaults[row["Vault"]], row["Secret"])


def _read(row: _Row, place: SecretOfVault) -> Read:
    return Read(
        at=row["At"],
        place=place,
        version=row["Version"],
        caller=row["Caller"],
        assignment=row["Assignment"] or "",
        operation=row["Operation"],
    )


def _reader(row: _Row, place: SecretOfVault) -> Reader:
    return Reader(
        place=place,
        caller=row["Caller"],
        is_person=bool(row["IsPerson"]),
        application=row["Application"] or "",
        assignment=row["Assignment"] or "",
        count=row["Count"],
        first=row["First"],
        last=row["At"],
    )


def _heard(rows: Sequence[_Row]) -> dict[str, datetime]:
    return {row["Vault"]: row["At"] for row in rows if not row.get("Secret")}
