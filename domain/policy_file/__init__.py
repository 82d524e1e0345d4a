"""What becomes of each change of the policy file, and the messages about it."""
