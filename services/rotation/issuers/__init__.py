"""What makes new values: one file each, known to policies by its kind's name.

``composition/kinds.py`` registers them.
"""
