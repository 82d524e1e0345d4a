"""Access requests: the rules for one secret, the life of a request, and who can decide it."""
