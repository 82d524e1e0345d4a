"""Why an inbound request is turned away: one class a reason, each with its HTTP status."""


class ActivityRejected(Exception):
    """Turn a request away; `str()` of it is the short reason that the caller is told."""

    status = 400


class Malformed(ActivityRejected):
    """The body is not an activity."""

    status = 400


class TokenRefused(ActivityRejected):
    """The bearer token is absent, or does not prove that Teams sent this body to this bot."""

    status = 401


class ChannelRefused(ActivityRejected):
    """The activity comes from a channel other than Teams."""

    status = 403


class ServiceUrlRefused(ActivityRejected):
    """Answers would have to go to a place that is not Teams."""

    status = 403


class TenantRefused(ActivityRejected):
    """The activity belongs to somebody else's tenant."""

    status = 403


class SenderRefused(ActivityRejected):
    """The sender has no Entra object id, so nobody can be held to what they ask."""

    status = 403


class TooSlow(ActivityRejected):
    """The body did not arrive in time."""

    status = 408


class TooLarge(ActivityRejected):
    """The body is larger than any activity of Teams."""

    status = 413


class NotJson(ActivityRejected):
    """The body does not claim to be JSON."""

    status = 415


class KeysUnavailable(ActivityRejected):
    """The signing keys have never been fetched, so no token can be judged yet."""

    status = 503
