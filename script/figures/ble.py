"""CPU time of a sample over Bluetooth in Home Assistant, against the nearest peer's.

Each side is a process of its own with the same Home Assistant, the same Bluetooth beneath it and the same
replies, see `ble_side`; ours runs BattMon, theirs `ble_peer`.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from .figure import best_of


class _Side:
    """A process that measures when asked."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, wanted: str) -> str:
        """Return the answer, a line."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(wanted, file=self._process.stdin, flush=True)
        return self._process.stdout.readline().strip()

    def seconds_per_sample(self) -> float:
        """Measure a turn."""
        return float(self.ask("turn"))


@contextmanager
def _side(name: str, replies: str) -> Iterator[_Side]:
    command = [sys.executable, "-P", "-m", f"{__package__}.ble_side", name, replies]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield _Side(process)
        assert process.stdin is not None
        process.stdin.close()


def _against_peer(ours: str, replies: str) -> float:
    with _side(ours, replies) as our_side, _side("theirs", replies) as their_side:
        ours_took, theirs_took = best_of([our_side.seconds_per_sample, their_side.seconds_per_sample])
        print(f"  ours:   {ours_took * 1e6:.0f} us a sample at best, {our_side.ask('note')}")
        print(f"  theirs: {theirs_took * 1e6:.0f} us a sample at best, {their_side.ask('note')}")
    return ours_took / theirs_took


def ble_poll() -> float:
    """Return our time of a sample with the default publication over theirs."""
    return _against_peer("ours", "household")


def ble_cells() -> float:
    """Return our time of a sample that shows every cell over theirs."""
    return _against_peer("ours_at_once", "every_cell")
