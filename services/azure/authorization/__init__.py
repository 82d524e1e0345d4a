"""Role assignments and permissions."""
