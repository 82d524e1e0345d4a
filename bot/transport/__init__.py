"""The connection to Teams: the route, authentication, the connector and the SDK."""
