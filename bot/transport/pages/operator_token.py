"""Check the token of whoever reads the operators' pages."""

from hmac import compare_digest

from domain.secrets import SecretValue

_ENCODING = ("utf-8", "surrogateescape")  # whatever bytes a header has, it can be compared


class OperatorToken:
    """The token that the operators' pages ask for: ``Authorization: Bearer TOKEN`` (RFC 6750)."""

    def __init__(self, token: SecretValue) -> None:
        self._token = token

    def is_in(self, authorization: str) -> bool:
        """Return whether an ``Authorization`` header has it, in the same time for any wrong one."""
        scheme, _, given = authorization.partition(" ")
        expected = self._token.reveal().encode(*_ENCODING)
        is_same = compare_digest(given.strip().encode(*_ENCODING), expected)
        return is_same and scheme.lower() == "bearer"
