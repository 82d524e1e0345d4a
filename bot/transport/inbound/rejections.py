"""Reasons to reject an inbound request: one class per reason, each with its HTTP status."""


class ActivityRejected(Exception):
    """Reject a request; `str()` of it is the short reason sent to the caller."""

    status = 400


class Malformed(ActivityRejected):
    """The body is not an activity."""

    status = 400


class TokenRefused(ActivityRejected):
    """The bearer token is missing, or doesn't prove that Teams sent this body to this bot."""

    status = 401


class ChannelRefused(ActivityRejected):
    """The activity comes from a channel other than Teams."""

    status = 403


class ServiceUrlRefused(ActivityRejected):
    """The service URL for answers is not a Teams endpoint."""

    status = 403


class TenantRefused(ActivityRejected):
    """The activity comes from another tenant."""

    status = 403


class SenderRefused(ActivityRejected):
    """The sender has no Entra object id, so the request can't be attributed to anyone."""

    status = 403


class TooSlow(ActivityRejected):
    """The body did not arrive in time."""

    status = 408


class TooLarge(ActivityRejected):
    """The body is larger than any Teams activity."""

    status = 413


class NotJson(ActivityRejected):
    """The content type is not JSON."""

    status = 415


class KeysUnavailable(ActivityRejected):
    """The signing keys have not been fetched yet, so no token can be verified."""

    status = 503
