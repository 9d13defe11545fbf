"""Runs the tests that failed in the last run once more, alone, if they are few enough to be worth it.

Exits with 1 where there are none (something else went wrong then) or more than that.
"""

import json
import sys
from pathlib import Path

import pytest

MOST = 3
LAST_FAILED = Path(".pytest_cache/v/cache/lastfailed")


def main() -> int:
    """Say which they are and return what comes of them."""
    failed = list(json.loads(LAST_FAILED.read_text())) if LAST_FAILED.exists() else []
    if not 0 < len(failed) <= MOST:
        return 1
    print("\n== once more, alone:", *failed, flush=True)
    return pytest.main(["-q", "--no-header", *failed])


if __name__ == "__main__":
    sys.exit(main())
