"""What starts rotations: schedules, the end of a grant, and which rules are the newest."""
