"""Cards for operators, and help."""
