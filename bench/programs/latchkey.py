"""This bot, as it is deployed, but for keeping to the limits of Teams.

They are 50 messages a second: with them, it is them that would be measured.
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
