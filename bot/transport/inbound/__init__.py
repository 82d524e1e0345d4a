"""What is checked of a request before anything reads it as an activity."""
