"""Forms about access."""
