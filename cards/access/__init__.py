"""Cards about access requests."""
