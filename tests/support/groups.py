"""Groups of the sandbox's directory that tests add."""

from sandbox.seed import DirectoryGroup, User
from sandbox.stored.directory import StoredDirectory

LARGE = "70000000-0000-4000-8000-0000000000ff"


def add_large_group(
    directory: StoredDirectory, people: int = 500, *, disabled: int = 0
) -> DirectoryGroup:
    """Add a group of enabled people, and as many disabled ones before them as asked for."""
    members = [_person(number, number >= disabled) for number in range(disabled + people)]
    group = DirectoryGroup(LARGE, "Everyone in payments", tuple(one.id for one in members))
    directory.users |= {one.id: one for one in members}
    directory.groups[group.id] = group
    return group


def _person(number: int, enabled: bool) -> User:
    mail = f"payments.{number}@contoso.com"
    return User(
        f"21000000-0000-4000-8000-{number:012}",
        f"Payments person {number}",
        mail,
        mail,
        account_enabled=enabled,
    )
