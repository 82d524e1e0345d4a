"""What earlier versions of Latchkey left behind, as files that are never changed."""
