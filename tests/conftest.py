"""Fixtures of all tests: simulated batteries on real pseudo-terminals."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

import custom_components.battmon  # noqa: F401  before the plugin hides this folder behind its own

from .battery import Bench

# They have an environment of their own: script/test --esphome.
collect_ignore = [] if find_spec("aioesphomeapi") else ["esphome"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let tests that try at random try more often."""
    parser.addoption("--long", action="store_true", help="kill Home Assistant 100 times instead of 20")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A place to plug in simulated batteries; all are unplugged at the end."""
    with Bench(tmp_path) as bench:
        yield bench
