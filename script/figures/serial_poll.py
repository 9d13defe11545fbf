"""A poll over a serial line at 9600 baud, against the time that its bytes and the device alone take.

The battery is simulated in a process of its own, on a pseudo-terminal that lets bytes through at
the speed of the line. Its four cells make the shortest poll, in which all else weighs most.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from custom_components.battmon.protocols.jbd import Jbd
from custom_components.battmon.transports.serial import SerialWire
from custom_components.battmon.transports.wire import new_record
from simulators.jbd import JbdDevice

from .figure import best_of

BAUD_RATE = 9600
BITS_OF_A_BYTE = 10
"""8N1: a start bit, eight data bits, a stop bit."""
POLLS = 10
"""In each turn, one right after the other."""


@contextmanager
def _battery() -> Iterator[str]:
    """Plug a simulated battery in and give its port."""
    with TemporaryDirectory() as folder:
        link = str(Path(folder, "battery"))
        command = [
            sys.executable,
            "-m",
            "simulators",
            "--link",
            link,
            "--cells",
            "4",
            "--baud",
            str(BAUD_RATE),
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            try:
                assert process.stdout is not None
                process.stdout.readline()
                yield link
            finally:
                process.terminate()


async def _excess(wire: SerialWire) -> float:
    """Return the time of some polls over the least that they can take."""
    protocol, record = Jbd(), new_record()
    loop = asyncio.get_running_loop()
    start = loop.time()
    for _ in range(POLLS):
        await wire.converse(protocol.poll(), record)
    taken = loop.time() - start
    sizes = [len(spoken.request or b"") + len(spoken.reply) for spoken in record]
    return taken / (sum(sizes) * BITS_OF_A_BYTE / BAUD_RATE + len(sizes) * JbdDevice.delay)


def serial_poll() -> float:
    """Return the time of a poll over the time of its bytes and the device's own delay."""
    with _battery() as port, asyncio.Runner(debug=False) as runner:
        wire = SerialWire(port, BAUD_RATE)
        runner.run(wire.converse(Jbd().poll()))
        [excess] = best_of([lambda: runner.run(_excess(wire))])
        runner.run(wire.close())
    return excess
