"""This bot as deployed, but without the rate limits of Teams and of Azure.

They are 50 messages and 10 changes of access a second, and would be all that is measured.
"""

import app
from bench.setup.limits import lifted


def main() -> None:
    with lifted():
        app.main()


if __name__ == "__main__":
    main()
