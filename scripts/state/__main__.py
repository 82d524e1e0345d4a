"""Back up and restore the table: `python -m scripts.state backup FILE`, or `restore FILE`.

The table is the bot's, by the bot's own variables: AZURE_STORAGE_CONNECTION_STRING, or
AZURE_TABLES_ENDPOINT with whatever identity there is, such as yours after `az login`.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
)
from azure.data.tables import TableClient, TableServiceClient
from azure.identity import DefaultAzureCredential

from composition.clients import TABLE
from scripts.faults import Fault
from scripts.state import file, reading, restoring

_CONNECTION_STRING = "AZURE_STORAGE_CONNECTION_STRING"
_ENDPOINT = "AZURE_TABLES_ENDPOINT"


def main(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> int:
    """Carry out a verb; return the exit code."""
    options = _parser().parse_args(arguments)
    verb: Callable[[TableClient, Path], None] = options.verb
    try:
        with _open_table(environment) as client:
            verb(client, options.file)
    except Fault as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


def backup(client: TableClient, path: Path) -> None:
    """Write all rows that matter to a new file; the bot may be running."""
    rows = reading.rows_to_keep(reading.reader(client), time.sleep)
    summary = file.write(path, rows, datetime.now(UTC))
    print(f"{path} has {summary.rows:,} rows as of {summary.began_at}.")
    print(f"SHA-256: {summary.sha256}")
    print("It has no secret's value, but names of people and secrets, and what people wrote.")


def restore(client: TableClient, path: Path) -> None:
    """Write the rows of a file into an empty table; the bot has to be stopped."""
    file.check(path)
    _create(client)
    summary = restoring.restore(path, reading.reader(client), restoring.writer(client))
    print(f"The table has the {summary.rows:,} rows of {summary.began_at}, and nothing else.")
    print(
        "Start the bot. It compares them with Azure at once: it revokes access that was granted\n"
        "since then, and closes requests whose access ended since then. What else there is to do\n"
        "is in docs/runbook.md, “Back up and restore”."
    )


@contextmanager
def _open_table(environment: Mapping[str, str]) -> Iterator[TableClient]:
    """Open the bot's table; Azure's errors become Faults."""
    try:
        with _service(environment) as service, service.get_table_client(TABLE) as client:
            yield client
    except ClientAuthenticationError as error:
        # Entra's refusal, or that there is no identity; with one, the table's is a 403.
        reason = error.message.splitlines()[0]
        raise Fault(f"There's no identity for the table. Run az login. {reason}") from None
    except HttpResponseError as error:
        code = getattr(error, "error_code", None) or error.reason
        raise Fault(f"The table answers {error.status_code}: {code}.") from None
    except AzureError as error:
        raise Fault(
            f"The table can't be reached: {type(error).__name__}: {error.message}"
        ) from None


def _service(environment: Mapping[str, str]) -> TableServiceClient:
    if connection_string := environment.get(_CONNECTION_STRING, "").strip():
        try:
            return TableServiceClient.from_connection_string(connection_string)
        except ValueError:
            raise Fault(f"{_CONNECTION_STRING} isn't a connection string.") from None
    if endpoint := environment.get(_ENDPOINT, "").strip():
        return TableServiceClient(endpoint, credential=DefaultAzureCredential())
    raise Fault(f"Set {_CONNECTION_STRING} or {_ENDPOINT}, as for the bot.")


def _create(client: TableClient) -> None:
    try:
        client.create_table()
    except ResourceExistsError as error:
        if getattr(error, "error_code", None) != "TableAlreadyExists":
            raise Fault("Azure is still deleting the table. Try again in a minute.") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts.state", description=__doc__)
    verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB")
    for verb in (backup, restore):
        added = verbs.add_parser(verb.__name__, help=verb.__doc__, description=verb.__doc__)
        added.add_argument("file", type=Path, metavar="FILE")
        added.set_defaults(verb=verb)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
