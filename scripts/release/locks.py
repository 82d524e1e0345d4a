"""Lock the packages: `make lock`, after a change of a `requirements*.in`.

Each has a `.txt` beside it, with every package that comes along and the hashes of its files. pip
and uv refuse a file with another hash.
"""

import os
import subprocess
from collections.abc import Sequence

from scripts import paths, virtualenv

OLDEST_PYTHON = "3.11"

# Each is locked to what the earlier ones have.
NAMES = (
    "requirements",
    "requirements-dev",
    "requirements-bench",
    "requirements-mutants",
    "requirements-tools",
    "scripts/node/requirements",
)


def write(arguments: Sequence[str] = ()) -> int:
    """Lock all of them; return uv's exit code.

    Versions stay as they are locked, unless the arguments, such as `--upgrade`, ask for newer ones.
    """
    # The machine's own configuration, such as its index, isn't for the files.
    own = {name: value for name, value in os.environ.items() if not name.startswith("UV_")}
    # The second part of the heading is for Dependabot, which reads the options from it.
    options = f"--universal --python-version {OLDEST_PYTHON}"
    heading = f"make lock  # uv pip compile {options}"
    environment = {**own, "UV_NO_CONFIG": "1", "UV_CUSTOM_COMPILE_COMMAND": heading}
    for name in NAMES:
        command = (
            *(str(virtualenv.command("uv")), "pip", "compile", "--quiet"),
            *(*options.split(), "--generate-hashes"),
            *(f"{name}.in", "--output-file", f"{name}.txt", *arguments),
        )
        done = subprocess.run(command, cwd=paths.ROOT, env=environment, check=False)
        if done.returncode:
            return done.returncode
    return 0
