"""CPU time of a sample over Bluetooth in Home Assistant, against the nearest peer's.

Each side is a process of its own with the same Home Assistant, the same Bluetooth beneath it and the same
replies, see `ble_side`; ours runs BattMon, theirs `ble_peer`. What counts is everything that Home Assistant
does, its recorder included; the same without the recorder is measured and printed beside it.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from .figure import best_of

ROUNDS = 9
"""A Home Assistant does not fit into the processor's caches, and others on the machine use them, too."""


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
def _side(*arguments: str) -> Iterator[_Side]:
    command = [sys.executable, "-P", "-m", f"{__package__}.ble_side", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield _Side(process)
        assert process.stdin is not None
        process.stdin.close()


def _against_peer(ours: str, replies: str) -> float:
    """Return our time over theirs, with the recorder."""
    without = _ratio((ours, replies), ("theirs", replies))
    print(f"  {without:.3f} without the recorder; with it:")
    return _ratio((ours, replies, "recorded"), ("theirs", replies, "recorded"))


def _ratio(ours: tuple[str, ...], theirs: tuple[str, ...]) -> float:
    with ExitStack() as stack:
        sides = [stack.enter_context(_side(*arguments)) for arguments in (ours, theirs)]
        took = best_of([side.seconds_per_sample for side in sides], ROUNDS)
        for name, side, seconds in zip(("ours:  ", "theirs:"), sides, took, strict=True):
            print(f"  {name} {seconds * 1e6:.0f} us a sample at best, {side.ask('note')}", flush=True)
    return took[0] / took[1]


def ble_poll() -> float:
    """Return our time of a sample with the default publication over theirs."""
    return _against_peer("ours", "household")


def ble_cells() -> float:
    """Return our time of a sample that shows every cell over theirs."""
    return _against_peer("ours_at_once", "every_cell")
