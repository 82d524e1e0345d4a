"""Errors that stop a command, worded for the person who typed it."""


class Fault(Exception):
    """A message that says what is wrong and what to do; printed without a stack trace."""
