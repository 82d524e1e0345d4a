"""The steps of a rotation up to the verified value, and how they are undone."""
