"""What stops a verb, as a sentence for the person who typed it."""


class Fault(Exception):
    """A sentence that says what is wrong and what to do; it is printed without a stack trace."""
