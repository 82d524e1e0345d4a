"""Fresh sign-ins: what they confirm, and what becomes of those that confirm nothing."""
