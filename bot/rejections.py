"""Why an inbound request is turned away: one class a reason, each with its HTTP status."""


class Rejected(Exception):
    """Turn a request away; `str()` of it is the short reason that the caller is told."""

    status = 400


class Malformed(Rejected):
    """The body is not an activity."""

    status = 400


class TokenRefused(Rejected):
    """The bearer token is absent, or does not prove that Teams sent this body to this bot."""

    status = 401


class ChannelRefused(Rejected):
    """The activity comes from a channel other than Teams."""

    status = 403


class ServiceUrlRefused(Rejected):
    """Answers would have to go to a place that is not Teams."""

    status = 403


class TenantRefused(Rejected):
    """The activity belongs to somebody else's tenant."""

    status = 403


class SenderRefused(Rejected):
    """The sender has no Entra object id, so nobody can be held to what they ask."""

    status = 403


class TooSlow(Rejected):
    """The body did not arrive in time."""

    status = 408


class TooLarge(Rejected):
    """The body is larger than any activity of Teams."""

    status = 413


class NotJson(Rejected):
    """The body does not claim to be JSON."""

    status = 415


class KeysUnavailable(Rejected):
    """The signing keys have never been fetched, so no token can be judged yet."""

    status = 503
