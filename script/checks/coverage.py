"""Fails when a part of the integration is covered less than it must be.

The share of branches and lines that the tests ran, from coverage's JSON report.
"""

import json
import sys
from pathlib import Path

PRODUCT = "custom_components/battmon/"
REQUIRED = {f"{PRODUCT}model/": 100.0, f"{PRODUCT}protocols/": 100.0, PRODUCT: 95.0}
"""Least coverage of each part, in %."""


def covered(files: dict[str, dict[str, dict[str, int]]], part: str) -> float:
    """Return how much of the files below `part` is covered, lines and branches together, in %."""
    total = done = 0
    for name, report in files.items():
        if name.startswith(part):
            summary = report["summary"]
            total += summary["num_statements"] + summary["num_branches"]
            done += summary["covered_lines"] + summary["covered_branches"]
    return 100.0 * done / total if total else 0.0


def main(report: Path) -> int:
    """Print each part's coverage; 1 if one is short."""
    files = json.loads(report.read_text())["files"]
    short = False
    for part, required in REQUIRED.items():
        share = covered(files, part)
        verdict = "ok" if share >= required else "short"
        short = short or share < required
        print(f"coverage {part:40} {share:6.2f} % (at least {required:g} %) {verdict}")
    return int(short)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
