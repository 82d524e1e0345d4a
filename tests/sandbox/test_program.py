"""The sandbox as a program."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from sandbox.seed import DEMO_API_KEY, IDENTITY_HEADER
from tests.support.sandbox import Sandbox

ROOT = Path(__file__).parents[2]

CLIENT = """
import asyncio, sys
from azure.identity.aio import ManagedIdentityCredential
from azure.keyvault.secrets.aio import SecretClient

async def main():
    async with ManagedIdentityCredential() as credential:
        async with SecretClient(sys.argv[1], credential, verify_challenge_resource=False) as vault:
            print([one.name async for one in vault.list_properties_of_secrets()])

asyncio.run(main())
"""


async def start(directory: Path, *options: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", "--dir", str(directory), *options),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_prints_its_addresses_and_stops_on_a_signal(
    tmp_path: Path, number: signal.Signals
) -> None:
    program = await start(
        tmp_path, "--port", "0", "--identity-port", "0", "--vault", "other-vault=0"
    )
    assert program.stdout is not None
    first = await program.stdout.readline()
    program.send_signal(number)
    rest, errors = await program.communicate()

    assert first.startswith(b"The local Azure is running at https://localhost:")
    assert b"vault other-vault: https://localhost:" in rest
    assert f"SSL_CERT_FILE={tmp_path / 'ca.pem'}".encode() in rest
    assert errors == b""
    assert program.returncode == 0


async def test_a_taken_port_is_reported_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        program = await start(tmp_path, "--port", str(port), "--identity-port", "0")
        output, errors = await program.communicate()

    assert output == b""
    assert errors == f"sandbox: port {port} is taken by another program\n".encode()
    assert program.returncode == 1


async def test_an_invalid_seed_is_reported_in_one_line(tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text('{"colour": "red"}', encoding="utf-8")
    program = await start(tmp_path, "--port", "0", "--identity-port", "0", "--seed", str(seed))
    _, errors = await program.communicate()

    assert errors == b"sandbox: colour: no such key\n"
    assert program.returncode == 1


async def test_a_program_reaches_it_with_environment_variables_alone(sandbox: Sandbox) -> None:
    client = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", CLIENT, sandbox.base_url),
        env={
            **os.environ,
            "SSL_CERT_FILE": str(sandbox.endpoints.ca_file),
            "IDENTITY_ENDPOINT": sandbox.endpoints.identity_url,
            "IDENTITY_HEADER": IDENTITY_HEADER,
        },
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await client.communicate()

    assert DEMO_API_KEY.encode() in output
    assert client.returncode == 0
