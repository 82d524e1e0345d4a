"""The checkpoint of each day, and what it is made from."""
