"""A window of Microsoft's Agents Playground: Teams as one person sees it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from sandbox.seed import CANARY, User, default_seed
from scripts import nodejs
from scripts.local import probes
from scripts.local.children import Program


@dataclass(frozen=True)
class Window:
    """One person's Playground: its port and the IDs of its conversations.

    Two windows share no conversation, so their IDs differ.
    """

    person: User
    port: int

    @property
    def name(self) -> str:
        return f"playground-{self.person.display_name.split()[0].lower()}"

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def group_id(self) -> str:
        """Return the team's Entra ID."""
        return str(uuid5(NAMESPACE_URL, self.name))

    @property
    def channel_id(self) -> str:
        """Return the ID of the team's audit channel."""
        return f"19:audit-{self.name}@thread.tacv2"

    def program(
        self, node: nodejs.Node, messages_url: str, folder: Path, environment: Mapping[str, str]
    ) -> Program:
        """Return how to start it, with its settings in its own directory."""
        directory = folder / self.name
        directory.mkdir(parents=True, exist_ok=True)
        file = directory / ".m365agentsplayground.yml"
        file.write_text(json.dumps(self._settings(), indent=2), encoding="utf-8")  # JSON is YAML
        arguments = ("start", "-e", messages_url, "-c", "msteams", "-p", str(self.port))
        return Program(
            name=self.name,
            command=(node.program, str(nodejs.PLAYGROUND), *arguments, "--disable-telemetry"),
            environment={**environment, "TEAMSAPPTESTER_BROWSER": "none"},
            directory=directory,
            is_ready=lambda: probes.answers(f"{self.url}/"),
            waits_for=f"its page at {self.url}",
        )

    def install_in_channel(self) -> None:
        """Tell the bot that it was added to the audit channel, so that it can post there.

        The personal chat doesn't need this: opening the page does it.
        """
        probes.post(f"{self.url}/_debug/conversation/{quote(self.channel_id)}/installation")

    def _settings(self) -> dict[str, object]:
        everyone = default_seed()
        return {
            "version": "0.1.1",
            "tenantId": everyone.tenant_id,
            "bot": {"id": "latchkey", "name": "Latchkey"},
            "currentUser": _user(self.person),
            "users": [_user(one) for one in everyone.users if one not in (self.person, CANARY)],
            "personalChat": {"id": f"a:personal-{self.name}"},
            "groupChat": {"id": f"19:group-{self.name}@thread.v2", "name": "Latchkey group"},
            "team": {
                "id": f"19:team-{self.name}@thread.tacv2",
                "name": "Operations",
                "aadGroupId": self.group_id,
                "channels": [{"id": self.channel_id, "name": "Latchkey audit"}],
            },
        }


def _user(user: User) -> dict[str, str]:
    given, _, surname = user.display_name.partition(" ")
    return {
        "id": user.id,
        "aadObjectId": user.id,
        "name": user.display_name,
        "userPrincipleName": user.user_principal_name,  # the Playground's spelling
        "email": user.mail,
        "givenName": given,
        "surname": surname,
    }
