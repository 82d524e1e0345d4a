"""Adaptive Cards as pure functions: state in, card content (plain JSON) out."""
