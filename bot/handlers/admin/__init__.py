"""What admins do: rotations, drills, erasing, and what is stuck."""
