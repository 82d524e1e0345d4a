"""The issuers, which make new values: one file each, named in policies by their kind.

``composition/kinds.py`` registers them.
"""
