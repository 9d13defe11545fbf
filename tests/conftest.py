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


LEFT_OUT_WHEN_QUICK = {
    "ha/test_behind_the_port.py", "ha/test_ble_commands.py", "ha/test_ble_lifecycle.py",
    "ha/test_config_flow_same_battery.py", "ha/test_config_flow_scan.py", "ha/test_drill.py",
    "ha/test_estimate_sensors.py", "ha/test_kept.py", "ha/test_letting_go.py", "ha/test_lifecycle.py",
    "ha/test_options_failsafe_refused.py", "ha/test_reauth.py", "ha/test_reauth_bluetooth.py",
    "ha/test_sampling.py", "ha/test_silence.py", "ha/test_totals.py", "simulators/test_lines.py",
    "test_read.py", "test_read_i2c.py", "transports/test_conversations.py", "transports/test_faults.py",
}  # fmt: skip
"""Files that take longest, for details of what others see working. `script/test --all` runs them all."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let tests that try at random try more often, and people wait less."""
    parser.addoption("--long", action="store_true", help="kill Home Assistant 100 times instead of 20")
    parser.addoption("--quick", action="store_true", help="fewer tests, without asyncio's debug mode")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes longest, where people wait."""
    if not config.getoption("--quick"):
        return
    here = Path(__file__).parent
    left_out = [item for item in items if item.path.relative_to(here).as_posix() in LEFT_OUT_WHEN_QUICK]
    gone = set(left_out)
    items[:] = [item for item in items if item not in gone]
    config.hook.pytest_deselected(items=left_out)


@pytest.fixture(autouse=True)
async def enable_event_loop_debug(request: pytest.FixtureRequest) -> None:
    """Watch for callbacks that block, as the plugin does. It takes half of all time."""
    asyncio.get_running_loop().set_debug(not request.config.getoption("--quick"))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A place to plug in simulated batteries; all are unplugged at the end."""
    with Bench(tmp_path) as bench:
        yield bench
