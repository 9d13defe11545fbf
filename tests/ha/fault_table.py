"""What can go wrong with one exchange."""

from typing import Any

LONGER_THAN_THE_TIMEOUT = 0.1

FAULTS: dict[str, dict[str, Any]] = {
    "bytes lost": {"kind": "truncate", "keep": 6},
    "reply lost": {"kind": "drop"},
    "request lost": {"kind": "silence"},
    "corrupted": {"kind": "corrupt"},
    "doubled": {"kind": "double"},
    "split": {"kind": "split", "cuts": tuple(range(1, 40)), "pause": 0.001},
    "late": {"kind": "delay", "delay": LONGER_THAN_THE_TIMEOUT},
    "stale": {"kind": "stale"},
    "of the next register": {"kind": "wrong_register"},
    "noise": {"kind": "noise", "where": "both"},
    "error 80": {"kind": "error", "status": 0x80},
    "error 81": {"kind": "error", "status": 0x81},
    "error 82": {"kind": "error", "status": 0x82},
    "error 83": {"kind": "error", "status": 0x83},
    "port gone": {"kind": "vanish"},
}
HARMLESS = {"doubled", "split", "noise", "late", "stale"}
"""However long they last, the answers are there, or those to the request before are."""
