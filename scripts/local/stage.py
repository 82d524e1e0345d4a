"""Everything on this machine: tables, a local Azure, the bot, and two people's windows."""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from sandbox import seed
from scripts import nodejs, paths, virtualenv
from scripts.local import azurite, probes, settings
from scripts.local.children import Children, Program
from scripts.local.playground import Window
from scripts.local.ports import Ports, free_ports, is_taken
from scripts.local.progress import nothing


class Stage:
    """The running servers; leaving the context stops them all."""

    def __init__(
        self,
        node: nodejs.Node,
        ports: Ports,
        environment: Mapping[str, str],
        folder: Path,
        stopping: threading.Event | None = None,
        locale: str = "",
    ) -> None:
        """Take Node, the ports, the base environment, and a folder for logs and settings.

        Once `stopping` is set, nothing more is started and `watch` returns. With a `locale`, such
        as `de-DE`, the windows are those of people whose Teams is in that language.
        """
        self.ports = ports
        self.logs = folder / "logs"
        self.developer = Window(seed.DANA, ports.developer)
        self.approver = Window(seed.AVERY, ports.approver)
        # The sandbox serves its page over plain HTTP too, so no browser warns about a certificate.
        self.sandbox_url = f"http://localhost:{ports.identity}"
        self._node = node
        self._folder = folder
        self._environment = settings.common(environment)
        self._stopping = stopping or threading.Event()
        self._children = Children(self.logs, self._stopping)
        self._locale = locale
        self._locale_port = free_ports(1)[0] if locale else 0

    def __enter__(self) -> Self:
        """Start nothing yet; whatever `start` starts gets stopped, even if it fails halfway."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop everything."""
        self._children.stop()

    @property
    def pages(self) -> tuple[str, ...]:
        """The addresses to open in a browser; the one to begin with comes last, in front."""
        return (self.sandbox_url, self.approver.url, self.developer.url)

    def start(self, done: Callable[[str, str], None] = nothing) -> None:
        """Start everything, each once the one before is ready; raise Fault at the first failure.

        `done` is called after each step, with its name and where to find what it started.
        """
        self.ports.require_free()
        self._folder.mkdir(parents=True, exist_ok=True)
        windows = " and ".join(f"{one.url} as {one.person.display_name}" for one in self._people)
        for name, where, programs in (
            ("Tables", "", (self._azurite(),)),
            ("Azure", self.sandbox_url, (self._sandbox(),)),
            ("Bot", self._readiness_url, (self._bot(),)),
            ("Windows", windows, (*self._locale_proxy(), *self._windows())),
        ):
            for program in programs:
                self._children.start(program)
            if self._stopping.is_set():
                return
            done(name, where)
        self.approver.install_in_channel()
        self._children.show()

    def watch(self) -> None:
        """Return once asked to stop; raise Fault as soon as a server exits."""
        self._children.watch()

    def _azurite(self) -> Program:
        return azurite.program(self._node, self.ports.tables, self._environment, self._folder)

    def _sandbox(self) -> Program:
        return Program(
            name="sandbox",
            command=(
                *(str(virtualenv.PYTHON), "-m", "sandbox"),
                *("--port", str(self.ports.sandbox)),
                *("--identity-port", str(self.ports.identity)),
                *("--dir", str(self._sandbox_directory)),
            ),
            environment=self._environment,
            directory=paths.ROOT,
            is_ready=lambda: is_taken(self.ports.sandbox) and is_taken(self.ports.identity),
            waits_for=f"it to listen on ports {self.ports.sandbox} and {self.ports.identity}",
        )

    def _bot(self) -> Program:
        variables = settings.of_bot(self.ports, self.approver, self._sandbox_directory)
        return Program(
            name="bot",
            command=(str(virtualenv.PYTHON), "app.py"),
            environment={**self._environment, **variables},
            directory=paths.ROOT,
            is_ready=lambda: probes.answers(self._readiness_url),
            waits_for=f"{self._readiness_url} to report ready",
        )

    def _locale_proxy(self) -> tuple[Program, ...]:
        if not self._locale:
            return ()
        port, module = self._locale_port, "scripts.local.locale_proxy"
        proxy = Program(
            name="locale",
            command=(str(virtualenv.PYTHON), "-m", module, str(port), self._locale, self._messages),
            environment=self._environment,
            directory=paths.ROOT,
            is_ready=lambda: is_taken(port),
            waits_for=f"it to listen on port {port}",
        )
        return (proxy,)

    def _windows(self) -> tuple[Program, ...]:
        proxy = f"http://127.0.0.1:{self._locale_port}/api/messages"
        messages = proxy if self._locale else self._messages
        return tuple(
            window.program(self._node, messages, self._folder, self._environment)
            for window in self._people
        )

    @property
    def _people(self) -> tuple[Window, ...]:
        return (self.developer, self.approver)

    @property
    def _messages(self) -> str:
        return f"http://127.0.0.1:{self.ports.bot}/api/messages"

    @property
    def _readiness_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.bot}/readyz"

    @property
    def _sandbox_directory(self) -> Path:
        return self._folder / "sandbox"
