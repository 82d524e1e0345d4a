"""What a fresh sign-in confirms, and records of those that confirm nothing."""
