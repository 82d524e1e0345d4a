"""The SDK's conformance suite for storages.

Its module imports the SDK's own Cosmos storage, to name it as an exception to one test, and with
it packages that need one which nothing installs (azure-storage-queue 12.4 wants six). A class of
that name is all it takes.
"""

import sys
from types import ModuleType
from unittest.mock import patch


class _NoSuchStorage:
    """Stands for the Cosmos storage; ours is none."""


_stand_in = ModuleType("botbuilder.azure")
_stand_in.CosmosDbPartitionedStorage = _NoSuchStorage  # type: ignore[attr-defined]  # made up here

with patch.dict(sys.modules, {"botbuilder.azure": _stand_in}):
    from botbuilder.testing import StorageBaseTests

__all__ = ["StorageBaseTests"]
