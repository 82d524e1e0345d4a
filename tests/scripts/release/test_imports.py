"""What the code imports is asked for by itself, not just brought along by something else."""

import ast
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import PurePosixPath

from packaging.utils import canonicalize_name

from scripts.release import bundles
from tests.scripts.release.test_locks import asked_for, of_this_machine

NOT_IMPORTED = {"tzdata", "botbuilder-integration-aiohttp"}
"""What Python itself looks for; and what ADR 56 says."""


def imported() -> set[str]:
    """Return the modules that the deployed code imports, except its own and Python's."""
    own = {PurePosixPath(part).stem for part in bundles.PARTS}
    return {
        module
        for name, content in bundles.files().items()
        if name.endswith(".py")
        for module in _imports(content.decode())
        if module.partition(".")[0] not in own | sys.stdlib_module_names
    }


def _imports(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            # What is imported may be a module too: `from azure import identity`.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def distributions() -> dict[str, str]:
    """Return for each module of the locked packages which of them has it."""
    return {
        module: name
        for name in of_this_machine("requirements")
        for path in metadata.files(name) or ()
        if path.suffix in (".py", ".so", ".pyd")
        for module in [_module(path.as_posix())]
    }


def _module(path: str) -> str:
    parts = PurePosixPath(path).parts
    return ".".join([*parts[:-1], parts[-1].partition(".")[0]]).removesuffix(".__init__")


def _owner(module: str, owners: dict[str, str]) -> str | None:
    """Return the package of the longest part of the name that is a module."""
    while module and module not in owners:
        module = module.rpartition(".")[0]
    return owners.get(module)


def test_each_package_that_the_bot_imports_is_asked_for() -> None:
    owners = distributions()
    used = {module: _owner(module, owners) for module in imported()}

    wanted = {canonicalize_name(each.name) for each in asked_for("requirements")}
    assert {module: owner for module, owner in used.items() if owner not in wanted} == {}


def test_each_package_that_is_asked_for_is_imported() -> None:
    owners = distributions()
    used = {_owner(module, owners) for module in imported()}

    wanted = {canonicalize_name(each.name) for each in asked_for("requirements")}
    assert wanted - used - NOT_IMPORTED == set()
