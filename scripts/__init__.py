"""The developer's verbs: what `make` calls, on the standard library alone."""
