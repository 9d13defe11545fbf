"""What can go wrong with one exchange."""

from typing import Any

LONGER_THAN_THE_TIMEOUT = 0.1

type Fault = dict[str, Any]

FAMILIES: dict[str, dict[str, Fault]] = {
    "lost": {
        "bytes lost": {"kind": "truncate", "keep": 6},
        "reply lost": {"kind": "drop"},
        "request lost": {"kind": "silence"},
    },
    "garbled": {
        "corrupted": {"kind": "corrupt"},
        "of the next register": {"kind": "wrong_register"},
        "noise": {"kind": "noise", "where": "both"},
    },
    "out of time": {
        "doubled": {"kind": "double"},
        "split": {"kind": "split", "cuts": tuple(range(1, 40)), "pause": 0.001},
        "late": {"kind": "delay", "delay": LONGER_THAN_THE_TIMEOUT},
        "stale": {"kind": "stale"},
    },
    "refused": {f"error {status:x}": {"kind": "error", "status": status} for status in range(0x80, 0x84)},
    "gone": {"port gone": {"kind": "vanish"}},
}
HARMLESS = {"doubled", "split", "noise", "late", "stale"}
"""However long they last, the answers are there, or those to the request before are."""
