"""The rules, pure: no I/O, no SDK, no clock; the standard library alone."""
