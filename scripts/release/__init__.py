"""What a release publishes, and the packages that are in it."""
