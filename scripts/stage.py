"""The whole thing on this machine: tables, a local Azure, the bot, and two people's windows."""

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from sandbox import seed
from scripts import nodejs, paths, probes, virtualenv
from scripts.children import Children, Program
from scripts.playground import Window
from scripts.ports import Ports, is_taken

# Azurite's own well-known account; it opens nothing but an Azurite.
_ACCOUNT = "devstoreaccount1"
_ACCOUNT_KEY = (
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)
# What would lead the local bot out of the sandbox, were it taken over from the person's shell.
_FOREIGN = ("AZURE_", "KEY_VAULT_", "MICROSOFT", "IDENTITY_", "MSI_", "APPLICATIONINSIGHTS_")


class Stage:
    """The running servers; leaving the context stops them all."""

    def __init__(
        self,
        node: nodejs.Node,
        ports: Ports,
        environment: Mapping[str, str],
        folder: Path = paths.LOCAL,
        stopping: threading.Event | None = None,
    ) -> None:
        """Take Node, the ports, the environment to build on, and the folder for logs and state."""
        self.ports = ports
        self.logs = folder / "logs"
        self.developer = Window(seed.DANA, ports.developer, seed.default_seed())
        self.approver = Window(seed.AVERY, ports.approver, seed.default_seed())
        self.sandbox_url = f"https://localhost:{ports.sandbox}"
        self._node = node
        self._folder = folder
        self._environment = _without_foreign(environment)
        self._children = Children(self.logs, stopping or threading.Event())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._children.stop()

    def start(self) -> None:
        """Start everything, each once the one before is ready; raise Fault at the first failure."""
        self.ports.require_free()
        for program in (self._tables(), self._sandbox(), self._bot(), *self._windows()):
            self._children.start(program)

    def watch(self) -> None:
        """Return once told to stop; raise Fault as soon as a server dies."""
        self._children.watch()

    def _tables(self) -> Program:
        return azurite(self._node, self.ports.tables, self._environment, self._folder)

    def _sandbox(self) -> Program:
        return Program(
            name="sandbox",
            command=(
                *(str(virtualenv.PYTHON), "-m", "sandbox"),
                *("--port", str(self.ports.sandbox)),
                *("--identity-port", str(self.ports.identity)),
                *("--dir", str(self._folder / "sandbox")),
            ),
            environment=self._environment,
            directory=paths.ROOT,
            is_ready=lambda: is_taken(self.ports.sandbox) and is_taken(self.ports.identity),
        )

    def _bot(self) -> Program:
        return Program(
            name="bot",
            command=(str(virtualenv.PYTHON), "app.py"),
            environment={**self._environment, **self._bot_settings()},
            directory=paths.ROOT,
            is_ready=lambda: probes.answers(f"http://127.0.0.1:{self.ports.bot}/readyz"),
        )

    def _bot_settings(self) -> dict[str, str]:
        certificate = str(self._folder / "sandbox" / "ca.pem")
        return {
            "LATCHKEY_LOCAL": "1",
            "HOST": "127.0.0.1",
            "PORT": str(self.ports.bot),
            "MicrosoftAppId": "",
            "KEY_VAULT_NAME": seed.VAULT,
            "KEY_VAULT_URL": self.sandbox_url,
            "AZURE_SUBSCRIPTION_ID": seed.SUBSCRIPTION_ID,
            "AZURE_RESOURCE_GROUP": seed.RESOURCE_GROUP,
            "ALLOWED_SECRETS": json.dumps([seed.DEMO_API_KEY, seed.APP_API_KEY, seed.OLD_API_KEY]),
            "MIN_ACCESS_MINUTES": "0.25",  # a walk-through wants to see the end of a window
            "SECRET_APPROVER_EMAIL": seed.AVERY.mail,
            "ADMIN_USERS": seed.AVERY.mail,
            "ADMIN_TEAMS_GROUP_ID": self.approver.team_id,
            "ADMIN_TEAMS_CHANNEL_ID": self.approver.channel_id,
            "ROTATION_SECRET_NAME": seed.APP_API_KEY,
            "DEPENDENT_APP_SERVICE_NAME": seed.SITE,
            "DEPENDENT_APP_SETTING": seed.LITERAL_SETTING,
            "AZURE_STORAGE_CONNECTION_STRING": connection_string(self.ports.tables),
            "AZURE_RESOURCE_MANAGER_ENDPOINT": self.sandbox_url,
            "MICROSOFT_GRAPH_ENDPOINT": self.sandbox_url,
            "AZURE_AUTHORITY_HOST": self.sandbox_url,
            "IDENTITY_ENDPOINT": f"http://127.0.0.1:{self.ports.identity}/msi/token",
            "IDENTITY_HEADER": "sandbox",
            "SSL_CERT_FILE": certificate,
            "REQUESTS_CA_BUNDLE": certificate,
        }

    def _windows(self) -> list[Program]:
        bot_url = f"http://127.0.0.1:{self.ports.bot}/api/messages"
        return [
            window.program(self._node, bot_url, self._folder, self._environment)
            for window in (self.developer, self.approver)
        ]


def azurite(
    node: nodejs.Node, port: int, environment: Mapping[str, str], directory: Path
) -> Program:
    """Return how to start Azurite's table service, which keeps its rows in memory."""
    return Program(
        name="azurite",
        command=(
            *(node.program, str(nodejs.AZURITE_TABLE)),
            *("--tableHost", "127.0.0.1", "--tablePort", str(port)),
            *("--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry"),
        ),
        environment=environment,
        directory=directory,
        is_ready=lambda: is_taken(port),
    )


def connection_string(port: int) -> str:
    """Return the connection string of the Azurite table service on this port."""
    return (
        f"DefaultEndpointsProtocol=http;AccountName={_ACCOUNT};AccountKey={_ACCOUNT_KEY};"
        f"TableEndpoint=http://127.0.0.1:{port}/{_ACCOUNT};"
    )


def _without_foreign(environment: Mapping[str, str]) -> dict[str, str]:
    kept = {
        name: value for name, value in environment.items() if not name.upper().startswith(_FOREIGN)
    }
    return {**kept, "NO_PROXY": "localhost,127.0.0.1", "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
