"""What all cards are built of."""
