"""The echo bot on Microsoft's Agents SDK, with authentication, as in its samples."""

import os
from typing import Any

from aiohttp import web
from microsoft_agents.activity import TurnContextProtocol
from microsoft_agents.authentication.msal import MsalConnectionManager
from microsoft_agents.hosting.aiohttp import CloudAdapter, jwt_authorization_middleware
from microsoft_agents.hosting.core import ActivityHandler, AgentAuthConfiguration
from microsoft_agents.hosting.core.authorization import _entra_issuers

_ISSUER = "https://api.botframework.com"


class Echo(ActivityHandler):
    async def on_message_activity(self, turn_context: TurnContextProtocol[Any]) -> None:
        await turn_context.send_activity(f"You said: {turn_context.activity.text}")


def main() -> None:
    # The SDK hard-codes the keys' address; everything else can be configured.
    _entra_issuers.BOTFRAMEWORK_JWKS_URIS[_ISSUER] = os.environ["KEYS_URL"]
    configuration = AgentAuthConfiguration(
        client_id=os.environ["MicrosoftAppId"],
        client_secret=os.environ["MicrosoftAppPassword"],
        tenant_id=os.environ["MicrosoftAppTenantId"],
        authority=os.environ["LOGIN_URL"],
        connection_name="SERVICE_CONNECTION",
    )
    connections = MsalConnectionManager({"SERVICE_CONNECTION": configuration})
    adapter = CloudAdapter(connection_manager=connections)
    bot = Echo()

    async def messages(request: web.Request) -> web.StreamResponse:
        response: web.StreamResponse | None = await adapter.process(request, bot)
        assert response is not None
        return response

    app = web.Application(middlewares=[jwt_authorization_middleware])
    app["agent_configuration"] = connections.get_default_connection_configuration()
    app.router.add_post("/api/messages", messages)
    web.run_app(app, host=os.environ["HOST"], port=int(os.environ["PORT"]), access_log=None)


if __name__ == "__main__":
    main()
