"""Every kind of refusal that there is."""

import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module

import domain.refusals
from domain.refusals.refusal import Refusal


def _kinds() -> Iterator[type[Refusal]]:
    for module in pkgutil.iter_modules(domain.refusals.__path__, f"{domain.refusals.__name__}."):
        for _, kind in inspect.getmembers(import_module(module.name), inspect.isclass):
            if issubclass(kind, Refusal) and kind.code and kind.__module__ == module.name:
                yield kind


KINDS = tuple(_kinds())
"""Each class of `domain/refusals`, once."""
