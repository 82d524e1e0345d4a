"""The real program with shorter lifetimes of requests, for scenarios that run in real time.

``python -m tests.support.processes.short_lives`` is `python app.py`, except for how long an
unanswered request may still be carried out. Together with the time of a move, that is still longer
than a claim, so whoever takes over has to wait for it.
"""

import runpy
from datetime import timedelta

from domain import unknown_outcome

LIFE = timedelta(seconds=12)


def main() -> None:
    """Shorten the lifetimes before anything that uses them is imported, and run the program."""
    for name in [each for each in vars(unknown_outcome) if each.endswith("_LIFE")]:
        setattr(unknown_outcome, name, LIFE)
    runpy.run_path("app.py", run_name="__main__")


if __name__ == "__main__":
    main()
