"""The rules for secrets, and what follows from them for one request."""
