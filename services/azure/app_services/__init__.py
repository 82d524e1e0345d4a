"""App Services and their settings."""
