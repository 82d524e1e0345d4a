"""`python app.py` as a process: how it starts, refuses to start, and stops."""

import errno
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripts import paths
from scripts.local import probes, settings
from scripts.local.ports import free_ports
from tests.support.environment import LOCAL, REQUIRED, SUBSCRIPTION, without
from tests.support.processes.process import Process
from tests.support.sandbox import Sandbox
from tests.support.teams import Teams

PATIENCE_SECONDS = 30.0
POLL_SECONDS = 0.05


@contextmanager
def running(variables: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the program during a block."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            (sys.executable, "app.py"),
            cwd=paths.ROOT,
            env={**settings.common(os.environ), **variables},
            stdout=output,
            stderr=output,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def wait_for(url: str) -> None:
    """Wait until an address answers."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not probes.answers(url):
        assert time.monotonic() < deadline, f"{url} isn't responding"
        time.sleep(POLL_SECONDS)


def wait_for_reader(pipe: Path) -> int:
    """Wait until somebody reads a named pipe; return its other end."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as fault:
            if fault.errno != errno.ENXIO or time.monotonic() >= deadline:
                raise
            time.sleep(POLL_SECONDS)


def refused(variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the program in an environment in which it must not start."""
    return subprocess.run(
        (sys.executable, "app.py"),
        cwd=paths.ROOT,
        env={**settings.common(os.environ), **variables},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def test_without_an_app_id_it_only_starts_in_local_mode() -> None:
    ended = refused({name: value for name, value in LOCAL.items() if name != "LATCHKEY_LOCAL"})

    assert ended.returncode == 1
    assert ended.stderr.startswith("Latchkey cannot start with this configuration:\n")
    assert "MicrosoftAppId: is required unless LATCHKEY_LOCAL is 1; " in ended.stderr
    assert "Traceback" not in ended.stderr


def test_all_errors_are_reported_at_once_without_any_credential() -> None:
    wrong = {"PORT": "none", "GRANT_SCOPE": "world", "AZURE_STORAGE_CONNECTION_STRING": "hunter2"}

    ended = refused(REQUIRED | wrong)

    assert ended.returncode == 1
    assert [line.split(":")[0].strip() for line in ended.stderr.splitlines()[1:]] == sorted(wrong)
    assert "hunter2" not in ended.stderr
    assert "Traceback" not in ended.stderr


def test_errors_in_the_policy_file_are_reported_with_those_in_the_variables(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text('[[secret]]\nname = "a"\nscope = "all"\n', encoding="utf-8")
    wrong = {
        "ADMIN_TEAMS_CHANNEL_ID": "19%3aaudit%40thread.tacv2",
        "ADMIN_TEAMS_GROUP_ID": "Operations",
        "AZURE_TABLES_ENDPOINT": "https://demo.blob.core.windows.net",
        "KEY_VAULT_NAME": "my_vault",
        "SECRET_APPROVER_EMAIL": "avery@contoso.com; robin@contoso.com",
    }

    right = without("AZURE_STORAGE_CONNECTION_STRING")
    ended = refused(right | wrong | {"POLICY_FILE": str(file)})

    told = [line.split(":")[0].strip() for line in ended.stderr.splitlines()[1:]]
    assert told == [*sorted(wrong), f"{file}, line 3"]
    assert ended.returncode == 1


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("HOST", {"HOST": "192.0.2.1"}),
        ("PORT", {}),
        ("AZURE_CLIENT_CERTIFICATE_PATH", {"AZURE_CLIENT_CERTIFICATE_PATH": "/nowhere.pem"}),
    ],
)
def test_what_only_shows_at_the_start_is_reported_by_its_variable(
    name: str, changed: dict[str, str]
) -> None:
    own = {"AZURE_CLIENT_ID": SUBSCRIPTION, "AZURE_TENANT_ID": SUBSCRIPTION, "HOST": "127.0.0.1"}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = refused(REQUIRED | own | {"PORT": str(taken.getsockname()[1])} | changed)

    assert ended.returncode == 1
    assert ended.stderr.splitlines()[1].strip().startswith(f"{name}: ")
    assert "Traceback" not in ended.stderr
    assert "Unclosed" not in ended.stderr


def test_a_misspelt_variable_gets_a_warning_next_to_the_errors() -> None:
    misspelt = {name: value for name, value in REQUIRED.items() if name != "KEY_VAULT_NAME"}
    misspelt["KEYVAULT_NAME"] = "demo-vault"

    ended = refused(misspelt)

    assert "KEYVAULT_NAME is ignored: did you mean KEY_VAULT_NAME?" in ended.stderr
    assert "KEY_VAULT_NAME: is required (or KEY_VAULT_URL instead)" in ended.stderr


def test_local_mode_listens_on_loopback_only_says_so_and_waits_for_its_tables(
    tmp_path: Path,
) -> None:
    port, nowhere = free_ports(2)
    variables = LOCAL | {
        "HOST": "0.0.0.0",  # noqa: S104 - must be ignored
        "PORT": str(port),
        "AZURE_STORAGE_CONNECTION_STRING": (
            f"AccountName=demo;AccountKey=a2V5;TableEndpoint=http://127.0.0.1:{nowhere}/demo"
        ),
    }
    log = tmp_path / "log"

    with running(variables, log):
        wait_for(f"http://127.0.0.1:{port}/healthz")
        elsewhere = probes.answers(f"http://127.0.0.2:{port}/healthz")

    assert not elsewhere
    assert "LOCAL MODE: no authentication; listening on 127.0.0.1 only" in log.read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to catch")
def test_on_sigterm_before_it_serves_it_exits_cleanly_too(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    os.mkfifo(file)
    with running(REQUIRED | {"POLICY_FILE": str(file)}, tmp_path / "log") as process:
        is_read = wait_for_reader(file)
        process.terminate()
        code = process.wait(PATIENCE_SECONDS)
        os.close(is_read)

    assert code == 0
    assert (tmp_path / "log").read_text() == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to catch")
async def test_on_sigterm_it_finishes_its_work_and_exits_cleanly(
    teams: Teams, sandbox: Sandbox, variables: Mapping[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    bot = Process(teams, sandbox, variables, log)

    try:
        await bot.start()
        code = await bot.end()
    finally:
        await bot.kill()

    assert code == 0
    assert "the worker stopped" in log.read_text()
    assert "Traceback" not in log.read_text()
