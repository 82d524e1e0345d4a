"""This bot as deployed, but without Teams' rate limits.

They are 50 messages a second, and would be all that is measured.
"""

import app
from bot.transport import pacing

_UNLIMITED = ((10_000, 1.0),)


def main() -> None:
    pacing.PER_BOT = _UNLIMITED
    pacing.PER_CONVERSATION = _UNLIMITED
    app.main()


if __name__ == "__main__":
    main()
