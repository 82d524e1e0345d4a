"""What is in `infra/` has the types that Azure publishes."""

import json

from scripts.bicep.azure_types import AzureTypes
from scripts.bicep.check import TYPES, check, sources
from scripts.bicep.extract import used


def test_no_file_has_a_fault() -> None:
    assert check(sources(), AzureTypes.load(TYPES)) == []


def test_a_fault_in_one_of_them_would_be_found() -> None:
    path = "infra/modules/storage.bicep"
    changed = {**sources(), path: sources()[path].replace("'TLS1_2'", "'TLS2'")}

    [fault] = check(changed, AzureTypes.load(TYPES))
    assert fault.path == path
    assert changed[path].splitlines()[fault.line - 1].strip() == "minimumTlsVersion: 'TLS2'"


def test_the_types_are_those_used_and_no_others() -> None:
    content = json.loads(TYPES.read_text(encoding="utf-8"))

    assert set(content["resources"]) == used(TYPES.parent)
