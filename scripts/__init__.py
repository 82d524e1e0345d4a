"""The developer commands behind `make`, with the standard library alone.

What reads Latchkey's own code, or needs a package, runs inside ``.venv``, which they set up.
"""
