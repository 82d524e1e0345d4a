"""Back up and restore the table: `python scripts/dev.py backup FILE` and `restore FILE`.

`python -m scripts.state` does the same, with the bot's own packages (`requirements.txt`) alone.
"""
