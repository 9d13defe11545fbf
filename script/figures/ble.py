"""CPU time of a sample over Bluetooth in Home Assistant, against the nearest peer's.

Each side is a process of its own with the same Home Assistant, the same Bluetooth beneath it and the same
replies, see `ble_side`; ours runs BattMon, theirs `ble_peer`. What counts is everything that Home Assistant
does, its recorder included; the same without the recorder is measured and printed beside it.
"""

from contextlib import ExitStack

from .figure import best_of
from .side import side

ROUNDS = 9
"""A Home Assistant does not fit into the processor's caches, and others on the machine use them, too."""


def _against_peer(ours: str, replies: str) -> float:
    """Return our time over theirs, with the recorder."""
    without = _ratio((ours, replies), ("theirs", replies))
    print(f"  {without:.3f} without the recorder; with it:")
    return _ratio((ours, replies, "recorded"), ("theirs", replies, "recorded"))


def _ratio(ours: tuple[str, ...], theirs: tuple[str, ...]) -> float:
    with ExitStack() as stack:
        sides = [stack.enter_context(side("ble_side", *arguments)) for arguments in (ours, theirs)]
        took = best_of([one.seconds_per_sample for one in sides], ROUNDS)
        for name, one, seconds in zip(("ours:  ", "theirs:"), sides, took, strict=True):
            print(f"  {name} {seconds * 1e6:.0f} us a sample at best, {one.ask('note')}", flush=True)
    return took[0] / took[1]


def ble_poll() -> float:
    """Return our time of a sample with the default publication over theirs."""
    return _against_peer("ours", "household")


def ble_cells() -> float:
    """Return our time of a sample that shows every cell over theirs."""
    return _against_peer("ours_at_once", "every_cell")
