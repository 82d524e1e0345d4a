"""The engine: workflows in the table, what is due, and the worker that moves it on."""
