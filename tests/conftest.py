"""Fixtures of all tests: simulated batteries on real pseudo-terminals."""

import asyncio
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

import custom_components.battmon  # noqa: F401  before the plugin hides this folder behind its own

from .battery import Bench

# They have an environment of their own: script/test --esphome.
collect_ignore = [] if find_spec("aioesphomeapi") else ["esphome"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let tests that try at random try more often, and people wait less."""
    parser.addoption("--long", action="store_true", help="kill Home Assistant 100 times instead of 20")
    parser.addoption("--quick", action="store_true", help="without asyncio's debug mode: in half the time")


@pytest.fixture(autouse=True)
async def enable_event_loop_debug(request: pytest.FixtureRequest) -> None:
    """Watch for callbacks that block, as the plugin does. It takes half of all time."""
    asyncio.get_running_loop().set_debug(not request.config.getoption("--quick"))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A place to plug in simulated batteries; all are unplugged at the end."""
    with Bench(tmp_path) as bench:
        yield bench
