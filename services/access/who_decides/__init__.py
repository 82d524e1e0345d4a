"""Who decides a request: by the rules in force, and by what the directory says."""
