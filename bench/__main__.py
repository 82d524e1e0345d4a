"""Run every benchmark: ``python -m bench``."""

import asyncio

from bench import agenda


def main() -> None:
    asyncio.run(agenda.main())


if __name__ == "__main__":
    main()
