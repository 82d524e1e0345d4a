"""What uses a secret: one file for each kind of dependent, and what all kinds share.

``composition/kinds.py`` registers the kinds.
"""
