"""The image has the bot and nothing else, and runs it without any right that it doesn't need."""

import json
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from scripts import paths
from scripts.release import bundles
from tests.support import dockerfile

PINNED = re.compile(r"python:\d\.\d+-slim@sha256:[0-9a-f]{64}")


def copied(stage: int) -> list[str]:
    """Return what a stage copies from the checkout."""
    arguments = [shlex.split(text) for text in dockerfile.said("COPY", stage)]
    return [source for each in arguments if "--from=build" not in each for source in each[:-1]]


def test_both_stages_are_the_same_pinned_python() -> None:
    bases = [stage[0].text.removesuffix(" AS build") for stage in dockerfile.stages()]

    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert PINNED.fullmatch(bases[0])


def test_it_has_what_is_deployed_and_nothing_else() -> None:
    assert set(copied(0)) == set(bundles.PARTS)
    assert copied(1) == []


def test_the_builder_is_sent_nothing_else() -> None:
    lines = (paths.ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]

    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == set(copied(0))


def test_every_package_is_installed_by_its_hash_and_none_is_built() -> None:
    [install, _] = dockerfile.said("RUN", 0)
    [command] = [one for one in install.split(" && ") if "pip install" in one]

    assert command.split(" -r ")[1] == "requirements.txt"
    assert "--require-hashes" in command
    assert "--only-binary=:all:" in command


def test_it_is_nobody_in_particular() -> None:
    assert dockerfile.said("USER") == ["10001:10001"]


def test_the_bot_itself_is_told_to_stop() -> None:
    assert dockerfile.said("STOPSIGNAL") == ["SIGTERM"]
    assert [json.loads(text) for text in dockerfile.said("CMD")] == [["python", "app.py"]]


@contextmanager
def answering(status: int) -> Iterator[int]:
    """Play a bot that answers with this status; yield its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def checked(port: int) -> int:
    """Run the image's check of its health, behind a proxy that must not be asked."""
    _, *arguments = dockerfile.health_check()
    environment = {"PORT": str(port), "http_proxy": "http://127.0.0.1:9"}
    done = subprocess.run(  # noqa: S603  what the Dockerfile says
        (sys.executable, *arguments), env=environment, capture_output=True, check=False
    )
    return done.returncode


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (404, 1)])
def test_it_is_healthy_as_long_as_the_bot_says_so(status: int, code: int) -> None:
    with answering(status) as port:
        assert checked(port) == code


def test_it_is_not_healthy_without_an_answer() -> None:
    with answering(200) as port:
        pass

    assert checked(port) == 1
