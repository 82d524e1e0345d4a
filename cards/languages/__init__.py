"""The languages that people read, and the catalogues of their texts."""
