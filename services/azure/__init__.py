"""Azure, behind the protocols of ``services``: the only place, beside app.py, that imports it."""
