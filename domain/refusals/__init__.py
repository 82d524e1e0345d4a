"""Every refusal: one class each, with its code and its parameters.

A refusal is a value: rules return it inside a ``Decision``. Only the edge raises it. What a person
reads is in ``cards.reasons``.
"""
