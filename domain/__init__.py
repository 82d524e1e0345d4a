"""The rules, pure: no I/O, no SDK, no clock; standard library only."""
