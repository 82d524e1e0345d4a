"""Calls to Teams: the connector and its tokens, limits and errors."""
