"""The rules of daily checkpoints."""
