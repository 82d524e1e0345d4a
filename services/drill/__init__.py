"""Drills: they prove, regularly or on command, that access can be given and taken away."""
