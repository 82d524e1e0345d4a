"""Azurite's table service: Azure Table Storage on this machine, in memory."""

from collections.abc import Mapping
from pathlib import Path

from scripts import nodejs
from scripts.local.children import Program
from scripts.local.ports import is_taken

# Azurite's well-known account; its key only works with Azurite.
_ACCOUNT = "devstoreaccount1"
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


def program(
    node: nodejs.Node, port: int, environment: Mapping[str, str], directory: Path
) -> Program:
    """Return how to start it; rows survive restarts of the bot, but not of Azurite."""
    return Program(
        name="azurite",
        command=(
            *(node.program, str(nodejs.AZURITE_TABLE)),
            *("--tableHost", "127.0.0.1", "--tablePort", str(port)),
            *("--silent", "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry"),
        ),
        environment=environment,
        directory=directory,
        is_ready=lambda: is_taken(port),
        waits_for=f"it to listen on port {port}",
    )


def connection_string(port: int) -> str:
    """Return the connection string of the table service on this port."""
    return (
        f"DefaultEndpointsProtocol=http;AccountName={_ACCOUNT};AccountKey={_KEY};"
        f"TableEndpoint=http://127.0.0.1:{port}/{_ACCOUNT};"
    )
