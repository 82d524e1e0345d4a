"""All contenders and the services they need, running together; only the measured one is busy."""

import importlib.util
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.setup.contender import Contender
from bench.setup.outside import Outside
from bench.setup.surroundings import Surroundings, a_world, crowd, running_surroundings
from tests.support.tables.azurite import running_azurite

AGENTS_SDK = importlib.util.find_spec("microsoft_agents") is not None

CROWD = crowd(64)


@dataclass(frozen=True)
class Stage:
    """The running contenders by name, and the services they need."""

    outside: Outside
    contenders: Mapping[str, Contender]


@asynccontextmanager
async def running_stage(directory: Path) -> AsyncIterator[Stage]:
    """Start everything, with logs and certificates in a directory."""
    async with AsyncExitStack() as stack:
        around = await stack.enter_async_context(
            running_surroundings(directory, a_world(CROWD), _azurite(directory))
        )
        contenders = {}
        for name, environment in _programs(around).items():
            contenders[name] = Contender(f"bench.programs.{name}", environment, directory)
            stack.push_async_callback(contenders[name].stop)
            await contenders[name].start()
        yield Stage(around.outside, contenders)


@asynccontextmanager
async def _azurite(directory: Path) -> AsyncIterator[str]:
    with running_azurite(directory) as connection_string:
        yield connection_string


def _programs(around: Surroundings) -> dict[str, dict[str, str]]:
    """Return each program's environment by its name."""
    echoes = ["bare", "bare_uvloop", "stock", *(["agents"] if AGENTS_SDK else [])]
    return dict.fromkeys(echoes, around.for_any_bot()) | {"latchkey": around.for_latchkey()}
