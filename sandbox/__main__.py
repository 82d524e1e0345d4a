"""Run the sandbox: `python -m sandbox --port 8443 --identity-port 8444 --dir .local/sandbox`."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sandbox.seed import IDENTITY_HEADER, Seed, SeedError, default_seed
from sandbox.seed_file import load_seed
from sandbox.server import Endpoints, PortTakenError, running
from sandbox.state import State

_LAST_PORT = 65535


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal arrives; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        seed = load_seed(options.seed) if options.seed else default_seed()
        for name, _ in options.vault:
            seed = seed.with_vault(name)
        asyncio.run(_serve(seed, options))
    except (PortTakenError, SeedError) as error:
        print(f"sandbox: {error}", file=sys.stderr)  # noqa: T201 - the program's own output
        return 1
    return 0


async def _serve(seed: Seed, options: argparse.Namespace) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Unlike the loop's own handlers, these exist on Windows too.
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(ended.set))
    ports = dict(options.vault)
    async with running(
        State.of(seed, token_clock=_now),
        clock=_now,
        tls_dir=options.dir,
        port=ports.pop(seed.vaults[0].name, options.port),
        identity_port=options.identity_port,
        vault_ports=ports,
    ) as endpoints:
        _announce(endpoints)
        await ended.wait()


def _now() -> datetime:
    return datetime.now(UTC)


def _announce(endpoints: Endpoints) -> None:
    lines = [
        f"The local Azure is running at {endpoints.base_url}",
        *(f"  vault {name}: {url}" for name, url in endpoints.vault_urls.items()),
        f"  live view: {endpoints.page_url}",
        f"  identity endpoint: {endpoints.identity_url}, header {IDENTITY_HEADER}",
        f"  trust: SSL_CERT_FILE={endpoints.ca_file}",
    ]
    print("\n".join(lines), flush=True)  # noqa: T201 - the program's own output


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sandbox", description="A local Azure over HTTPS.")
    parser.add_argument("--port", type=_port, default=8443, help="Azure and the first vault")
    parser.add_argument("--identity-port", type=_port, default=8444, help="the identity endpoint")
    parser.add_argument("--dir", type=Path, default=Path(".local/sandbox"), help="the certificates")
    parser.add_argument("--seed", type=Path, help="initial contents, as JSON")
    parser.add_argument(
        "--vault",
        type=_vault_port,
        action="append",
        default=[],
        metavar="NAME=PORT",
        help="a vault and its port; repeatable",
    )
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port")
    return int(text)


def _vault_port(text: str) -> tuple[str, int]:
    name, _, port = text.partition("=")
    if not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=PORT")
    return name, _port(port)


if __name__ == "__main__":
    sys.exit(main())
