"""The dependents of a secret: one file for each kind, and what all kinds share.

``composition/kinds.py`` registers the kinds.
"""
