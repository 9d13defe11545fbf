"""Simulated batteries on serial ports, served by a process of their own: `python -m figures.ports FOLDER N`.

Their time is not ours: what they take of the processor is not in any figure.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from simulators.presets import house_16s
from simulators.serial_line import SerialLine

from .side import side

BAUD_RATE = 9600
CYCLE = 360.0
"""Seconds of a household's load, at a different place of which each battery begins."""


@contextmanager
def ports(batteries: int) -> Iterator[list[str]]:
    """Plug loaded 16-cell batteries in and give their ports."""
    with TemporaryDirectory() as folder, side("ports", folder, str(batteries)) as lines:
        lines.hear()
        yield [str(Path(folder, str(number))) for number in range(batteries)]


def main() -> None:
    """Serve until standard input ends."""
    folder, batteries = Path(sys.argv[1]), int(sys.argv[2])
    with ExitStack() as lines:
        for number in range(batteries):
            battery = house_16s(seed=number)
            battery.battery.advance(number * CYCLE / batteries)
            lines.enter_context(SerialLine(battery.device, folder / str(number), BAUD_RATE))
        print("ready", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
