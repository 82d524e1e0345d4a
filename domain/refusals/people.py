"""Why a person can't do something, or isn't found."""

from domain.refusals.refusal import Refusal


class NotAnAdmin(Refusal):
    code = "not_an_admin"


class UnknownPerson(Refusal):
    code = "unknown_person"

    def __init__(self, who: str) -> None:
        super().__init__(who=who)


class DirectoryUnavailable(Refusal):
    code = "directory_unavailable"


class DirectoryNotPermitted(DirectoryUnavailable):
    """The directory answers, but the bot isn't allowed to ask: waiting doesn't help."""

    code = "directory_not_permitted"
