"""Azure, behind the protocols of ``services``: only this folder and ``composition`` import it."""
