"""`script/read` on an I2C bus: the real command on a simulated kernel, and what it may be asked."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from custom_components.battmon.protocols import PROTOCOLS
from custom_components.battmon.protocols.recognising import ADDRESSES

from .product import ROOT
from .test_read import PATIENCE, assert_one_line, record_of

BUS = "/dev/i2c-7"
BOTH = [("scan",), pytest.param(("sbs", "--address", "0x0b"), marks=pytest.mark.slow)]
"""What meets the errors of a bus, by the same way."""
SHUNT = ("--shunt", "0.0005", "--max-current", "90")


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    status: int
    output: str
    error: str
    bus: dict[str, Any]

    @property
    def devices(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.output.splitlines()]

    @property
    def reading(self) -> dict[str, Any]:
        return record_of(self.output)["reading"]


@dataclass(frozen=True)
class Here:
    """A computer with one bus."""

    report: Path

    def read(self, *arguments: str, path: str = BUS, **plan: Any) -> Ended:
        """Run the command to its end."""
        ended = subprocess.run(
            [
                *(sys.executable, "-P", "-m", "tests.reading_i2c"),
                json.dumps({"report": str(self.report), "path": path, **plan}),
                *arguments,
            ],
            env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "script"), str(ROOT)))},
            capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        bus = json.loads(self.report.read_text()) if self.report.exists() else {}
        return Ended(ended.returncode, ended.stdout, ended.stderr, bus)


@pytest.fixture
def here(tmp_path: Path) -> Here:
    return Here(tmp_path / "report.json")


def assert_fails(ended: Ended, *words: str) -> None:
    """One line says why nothing was read, and nothing is left open."""
    assert (ended.status, ended.output) == (1, "")
    assert_one_line(ended.error, *words)


def test_a_smart_battery_is_one_line_of_json(here: Here) -> None:
    ended = here.read("sbs", "--i2c", "7", "--address", "0x0b", chips={"0x0b": "sbs"})
    assert (ended.status, ended.error) == (0, "")
    assert record_of(ended.output)["identity"]["manufacturer"] == "SMP"
    assert ended.reading["voltage"] == pytest.approx(13.2, abs=0.1)
    assert len(ended.reading["cell_voltages"]) == 4
    assert ended.bus == {"open": 0, "forced": [], "written": [], "addresses": [0x0B]}


def test_a_power_monitor_is_read_with_its_shunt(here: Here) -> None:
    chips = {"0x40": "ina226"}
    ended = here.read("ina226", "--i2c", BUS, "--address", "0x40", *SHUNT, chips=chips)
    assert (ended.status, ended.error) == (0, "")
    assert (ended.reading["voltage"], ended.reading["current"]) == (
        pytest.approx(13.2, abs=0.01), pytest.approx(-5.0, abs=0.02),
    )  # fmt: skip
    turned = here.read("ina226", "--i2c", BUS, "--address", "64", *SHUNT, "--invert", chips=chips)
    assert turned.reading["current"] == pytest.approx(5.0, abs=0.02)


@pytest.mark.parametrize("channel", [pytest.param(1, marks=pytest.mark.slow), 3])
def test_a_channel_is_chosen(here: Here, channel: int) -> None:
    ended = here.read(
        *("ina3221", "--i2c", BUS, "--address", "0x41", "--shunt", "0.1", "--channel", str(channel)),
        chips={"0x41": "ina3221"},
    )
    assert ended.reading["voltage"] == pytest.approx(11.0 + channel, abs=0.01)
    assert ended.reading["current"] == pytest.approx(-0.5, abs=0.001)


def test_a_count_of_cells_is_believed(here: Here) -> None:
    ended = here.read("sbs", "--i2c", "7", "--address", "11", "--cells", "3", chips={"0x0b": "sbs"})
    assert len(ended.reading["cell_voltages"]) == 3


def test_a_bus_may_have_any_path(here: Here, tmp_path: Path) -> None:
    path = str(tmp_path / "bus")
    ended = here.read("rotoye", "--i2c", path, "--address", "0x0c", path=path, chips={"0x0c": "rotoye"})
    assert ended.status == 0
    assert record_of(ended.output)["identity"]["manufacturer"] == "Rotoye"


@pytest.mark.parametrize("bus", ["7", pytest.param(BUS, marks=pytest.mark.slow)])
def test_a_scan_is_one_line_a_device(here: Here, bus: str) -> None:
    chips = {"0x0b": "sbs", "0x0c": "rotoye", "0x40": "ina228", "0x44": "unknown", "0x6a": "unknown"}
    ended = here.read("scan", "--i2c", bus, chips=chips, taken=[0x68])
    assert (ended.status, ended.error) == (0, "")
    assert ended.devices == [
        {"address": "0x0b", "kind": "sbs", "text": "SMP DB-1200 at 0x0B, 4 cells, 13.2 V"},
        {"address": "0x0c", "kind": "rotoye", "text": "Rotoye Batmon at 0x0C, 4 cells, 13.2 V"},
        {"address": "0x40", "kind": "ina228", "text": "INA228 at 0x40"},
        {"address": "0x44", "kind": None, "text": "unknown device at 0x44"},
        {
            "address": "0x68",
            "kind": None,
            "text": "unknown device at 0x68, 0x68 is in use by a kernel driver",
        },
        {"address": "0x6a", "kind": None, "text": "unknown device at 0x6A"},
    ]
    assert {key: ended.bus[key] for key in ("open", "forced", "written")} == {
        "open": 0, "forced": [], "written": [],
    }  # fmt: skip
    assert set(ended.bus["addresses"]) == set(ADDRESSES) - {0x68}


def test_an_empty_bus_is_no_line(here: Here) -> None:
    ended = here.read("scan", "--i2c", "7")
    assert (ended.status, ended.output, ended.error) == (0, "", "")


@pytest.mark.parametrize("what", BOTH)
def test_a_bus_that_is_not_there_is_one_line(here: Here, what: tuple[str, ...]) -> None:
    assert_fails(here.read(*what, "--i2c", "99"), "there is no /dev/i2c-99")


@pytest.mark.parametrize("what", BOTH)
def test_what_is_no_bus_is_one_line(here: Here, what: tuple[str, ...]) -> None:
    assert_fails(here.read(*what, "--i2c", "/dev/null"), "/dev/null is no I2C bus")


def test_an_adapter_that_cannot_do_it_is_one_line(here: Here) -> None:
    assert_fails(here.read("scan", "--i2c", "7", functions=0x00FF0000), "cannot do plain I2C transfers")


def test_silence_is_one_line(here: Here) -> None:
    ended = here.read("sbs", "--i2c", "7", "--address", "0x0b")
    assert_fails(ended, "7 0x0b", "no device answers at 0x0b")
    assert ended.bus["open"] == 0


def test_an_address_of_a_driver_is_one_line(here: Here) -> None:
    ended = here.read("sbs", "--i2c", "7", "--address", "0x0b", chips={"0x0b": "sbs"}, taken=[0x0B])
    assert_fails(ended, "0x0b is in use by a kernel driver")
    assert ended.bus["forced"] == []


@pytest.mark.parametrize("what", BOTH)
def test_a_bus_that_hangs_ends_the_command(here: Here, what: tuple[str, ...]) -> None:
    """Python must not wait for the thread that hangs."""
    ended = here.read(*what, "--i2c", "7", faults=[("hang", {"seconds": 600})], patience=0.1)
    assert ended.status == 1
    assert_one_line(ended.error, "a transfer on /dev/i2c-7 hangs")


@pytest.mark.slow  # it waits for the thread; the test before shows that nothing waits for ever
def test_an_interrupt_ends_the_command_on_a_bus_that_hangs(here: Here) -> None:
    ended = here.read(
        *("sbs", "--i2c", "7", "--address", "0x0b"), faults=[("hang", {"seconds": 600})], interrupt=1.0
    )
    assert (ended.status, ended.output, ended.error) == (130, "", "")


WRONG = [
    (("sbs", "--i2c", "7"), ("--address",)),
    (("sbs", "--i2c", "7", "--address", "0x7c"), ("--address", "0x7c")),
    (("sbs", "--i2c", "7", "--address", "eleven"), ("--address", "eleven")),
    (("sbs", "--i2c", "7", "--address", "0x0b", "--shunt", "0.1"), ("--shunt", "means nothing")),
    (("sbs", "--i2c", "7", "--address", "0x0b", "--cells", "99"), ("cells", "99")),
    (("sbs", "--i2c", "7", "--address", "0x0b", "--password", "x"), ("--password", "only with")),
    (("sbs", "--serial", "x"), ("--serial", "I2C")),
    (("jbd", "--i2c", "7", "--address", "0x0b"), ("--i2c", "no I2C bus")),
    (("jbd", "--serial", "x", "--address", "0x0b"), ("--address", "only with --i2c")),
    (("jbd", "--serial", "x", "--invert"), ("--invert", "only with --i2c")),
    (("ina226", "--i2c", "7", "--address", "0x40"), ("missing",)),
    (
        ("ina226", "--i2c", "7", "--address", "0x40", "--shunt", "0.01", "--max-current", "10"),
        ("100 mV", "81.92 mV"),
    ),
    (("ina226", "--i2c", "7", "--address", "0x40", "--shunt", "-1"), ("--shunt",)),
    (("ina3221", "--i2c", "7", "--address", "0x40", "--shunt", "0.1", "--channel", "4"), ("channel",)),
    (("ina3221", "--i2c", "7", "--address", "0x40", "--shunt", "0.1", "--channel", "0"), ("--channel",)),
    (("scan", "--i2c", "7", "--address", "0x0b"), ("--address", "scan")),
    (("scan", "--serial", "x"), ("--serial", "scan")),
    (("scan", "--i2c", "7", "--watch", "1"), ("--watch", "scan")),
    (("scan",), ("--i2c",)),
]


def test_a_wrong_option_is_one_line(here: Here) -> None:
    ended = here.read("scan", "--serial", "x")
    assert (ended.status, ended.output, ended.bus) == (2, "", {})
    assert_one_line(ended.error, "--serial", "scan")


def test_every_wrong_option_is_refused_with_its_reason(here: Here) -> None:
    refused = json.loads(here.read(parse=[arguments for arguments, _words in WRONG]).output)
    for (arguments, words), (status, error) in zip(WRONG, refused, strict=True):
        assert status == 2, arguments
        assert_one_line(error, *words)


def test_every_kind_can_be_asked_for(here: Here) -> None:
    ended = here.read("--help")
    assert ended.status == 0
    kinds = {key for key, kind in PROTOCOLS.items() if kind.is_on_bus}
    assert kinds >= {
        "sbs", "rotoye", "maxell", "solo", "sui", "neodesign", "bq40", "ina226", "ina228", "ina237",
        "ina238", "ina231", "ina260", "ina3221", "ltc2946", "ad7091r5",
    }  # fmt: skip
    assert all(f"{kind}:" in ended.output for kind in kinds)
