"""The account that holds the bot's state is locked, and can have a copy in another region."""

import re

from tests.infra import bicep

DEPLOY = (bicep.INFRA.parent / "docs" / "deploy.md").read_text(encoding="utf-8")
MAIN = bicep.source("main.bicep")
STORAGE = bicep.source("modules/storage.bicep")


def test_it_cant_be_deleted_unless_you_say_so() -> None:
    lock = bicep.block(
        STORAGE, "resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (isLocked) {"
    )

    assert "param lockStorage bool = true\n" in MAIN
    assert "isLocked: lockStorage\n" in MAIN
    assert bicep.members(lock)["scope"] == "account"
    assert bicep.members(bicep.block(lock, "properties: {"))["level"] == "'CanNotDelete'"


def test_the_bot_may_change_it_under_its_lock() -> None:
    """A lock on the group, or one that is ReadOnly, would stop more than a deletion."""
    locks = re.findall(
        r"'Microsoft.Authorization/locks@",
        "".join(path.read_text(encoding="utf-8") for path in bicep.INFRA.rglob("*.bicep")),
    )

    assert len(locks) == 1
    assert "ReadOnly" not in STORAGE


def test_the_page_says_how_to_remove_the_lock() -> None:
    [name] = re.findall(r"resource lock .+\n  name: '(.+)'", STORAGE)

    assert f"az lock delete --name {name} " in DEPLOY


def test_the_page_explains_each_redundancy() -> None:
    [allowed] = re.findall(r"@allowed\(\[(.+)\]\)\nparam storageSku ", MAIN)
    offered = re.findall(r"'(\w+)'", allowed)

    assert offered == ["Standard_LRS", "Standard_ZRS", "Standard_GRS", "Standard_GZRS"]
    assert re.findall(r"^\| `(Standard_\w+)`", DEPLOY, re.MULTILINE) == offered
