"""The bots to compare; each is a separate program, configured by environment variables."""
