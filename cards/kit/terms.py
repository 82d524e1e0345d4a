"""Words that buttons, states and messages share, so that all of them change together."""

DENY = "deny"
DENIED = "denied"
