"""The bots that are compared; each is a program of its own, told where things are by variables."""
