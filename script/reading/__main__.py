"""Run the command: signals, exit status, and every error as one line."""

import asyncio
import os
import signal
import sys

from custom_components.battmon.model.errors import BattMonError, Lock, PasswordNeeded, WrongPassword

from .arguments import Asked, Scan, parse
from .reader import run

SIGNALS = (signal.SIGINT, signal.SIGTERM)
PASSWORD_OPTIONS = {Lock.BATTERY: "--password", Lock.BLUETOOTH: "--bluetooth-password"}


def main() -> int:
    """Read, print, and return the exit status."""
    asked = parse(sys.argv[1:])
    try:
        return asyncio.run(_until_told_to_stop(asked))
    except BattMonError as error:
        return _fail(asked.address, error)
    except BrokenPipeError:  # whoever read the lines has enough of them
        _discard_output()
        return 0
    except OSError as error:
        _discard_output()
        return _fail("standard output", error)


def _fail(what: str, error: Exception) -> int:
    hint = ""
    if isinstance(error, PasswordNeeded | WrongPassword):
        hint = f", see {PASSWORD_OPTIONS[error.lock]}"
    print(f"script/read: {what}: {' '.join(str(error).split())}{hint}", file=sys.stderr)
    return 1


def _discard_output() -> None:
    """What could not be written is not tried again when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


async def _until_told_to_stop(asked: Asked | Scan) -> int:
    """A watch ends with a signal, as it should; a single reading is cut short by it."""
    reading = asyncio.create_task(run(asked))
    received: list[signal.Signals] = []

    def stop(number: signal.Signals) -> None:
        received.append(number)
        reading.cancel()

    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop, number)
    try:
        await reading
    except asyncio.CancelledError:
        return 0 if isinstance(asked, Asked) and asked.watch is not None else 128 + received[0]
    return 0


if __name__ == "__main__":
    sys.exit(main())
