"""What ``doctor`` looks at: each check on its own, with what to do where it finds a fault."""
