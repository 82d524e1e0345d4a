"""One window of Microsoft's Agents Playground: Teams as one person sees it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.seed import Seed, User
from scripts import nodejs, probes
from scripts.children import Program

BOT_ID = "latchkey"


@dataclass(frozen=True)
class Window:
    """The Playground of one person: its port, and the ids of the conversations in it.

    Two windows share no conversation, so their ids differ.
    """

    person: User
    port: int
    seed: Seed

    @property
    def name(self) -> str:
        return f"playground-{self.person.display_name.split()[0].lower()}"

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def team_id(self) -> str:
        return f"19:team-{self.name}@thread.tacv2"

    @property
    def channel_id(self) -> str:
        return f"19:audit-{self.name}@thread.tacv2"

    def program(
        self, node: nodejs.Node, bot_url: str, folder: Path, environment: Mapping[str, str]
    ) -> Program:
        """Return how to start it; its working directory holds its settings."""
        directory = folder / self.name
        directory.mkdir(parents=True, exist_ok=True)
        # JSON is YAML too.
        settings = directory / ".m365agentsplayground.yml"
        settings.write_text(json.dumps(self._settings(), indent=2), encoding="utf-8")
        arguments = ("start", "-e", bot_url, "-c", "msteams", "-p", str(self.port))
        return Program(
            name=self.name,
            command=(node.program, str(nodejs.PLAYGROUND), *arguments, "--disable-telemetry"),
            environment={**environment, "TEAMSAPPTESTER_BROWSER": "none"},
            directory=directory,
            is_ready=lambda: probes.answers(f"{self.url}/"),
        )

    def _settings(self) -> dict[str, object]:
        return {
            "version": "0.1.1",
            "tenantId": self.seed.tenant_id,
            "bot": {"id": BOT_ID, "name": "Latchkey"},
            "currentUser": _user(self.person),
            "users": [_user(user) for user in self.seed.users if user != self.person],
            "personalChat": {"id": f"a:personal-{self.name}"},
            "groupChat": {"id": f"19:group-{self.name}@thread.v2", "name": "Latchkey group"},
            "team": {
                "id": self.team_id,
                "name": "Operations",
                "aadGroupId": f"group-{self.name}",
                "channels": [{"id": self.channel_id, "name": "Latchkey audit"}],
            },
        }


def _user(user: User) -> dict[str, str]:
    given, _, surname = user.display_name.partition(" ")
    return {
        "id": user.id,
        "aadObjectId": user.id,
        "name": user.display_name,
        "userPrincipleName": user.user_principal_name,  # the Playground spells it so
        "email": user.mail,
        "givenName": given,
        "surname": surname,
    }
