"""Cards about rotations."""
