"""What operators need: health, doctor, and the list of what is stuck."""
