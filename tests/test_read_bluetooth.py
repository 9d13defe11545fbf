"""`script/read` over Bluetooth: the real command without an adapter, and in a simulated room."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from simulators.bluetooth.jbd import ADDRESS

from .product import ROOT
from .test_read import PATIENCE, assert_one_line, read, record_of

pytestmark = pytest.mark.slow  # every one starts a process or two

PASSWORD = "a1b2c3"
IN_ROOM = [sys.executable, "-P", "-m", "tests.reading_radio"]


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    status: int
    output: str
    error: str
    radio: dict[str, Any]

    @property
    def voltages(self) -> list[float]:
        return [record_of(line)["reading"]["voltage"] for line in self.output.splitlines()]


class Room:
    """A place in which the command is run, with one battery in it."""

    def __init__(self, folder: Path) -> None:
        self._report = folder / "report.json"

    def read(self, *arguments: str, address: str = ADDRESS, **plan: Any) -> Ended:
        """Run the command to its end."""
        path = os.pathsep.join((str(ROOT / "script"), str(ROOT)))
        ended = subprocess.run(
            [
                *IN_ROOM,
                json.dumps({"report": str(self._report), **plan}),
                *("jbd", "--bluetooth", address, *arguments),
            ],
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        radio = json.loads(self._report.read_text())
        return Ended(ended.returncode, ended.stdout, ended.stderr, radio)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def assert_left_alone(radio: dict[str, Any]) -> None:
    """Nobody scans or is connected any more."""
    assert (radio["connected"], radio["scans"]) == (False, 0)


def assert_fails(ended: Ended, *words: str) -> None:
    """One line says why nothing was read."""
    assert (ended.status, ended.output) == (1, "")
    assert_one_line(ended.error, *words)
    assert_left_alone(ended.radio)


# Without an adapter.


@pytest.fixture
def no_bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever this test runs, nobody is to be connected to."""
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path / 'no-bus'}")


@pytest.mark.usefixtures("no_bus")
def test_a_computer_without_bluetooth_is_one_line() -> None:
    result = read("jbd", "--bluetooth", ADDRESS)
    assert (result.returncode, result.stdout) == (1, "")
    assert_one_line(result.stderr, ADDRESS, "Bluetooth cannot be used here", "D-Bus")


def test_a_bus_that_cannot_be_one_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "rubbish")
    result = read("jbd", "--bluetooth", ADDRESS)
    assert (result.returncode, result.stdout) == (1, "")
    assert_one_line(result.stderr, ADDRESS, "Bluetooth cannot be used here")


@pytest.mark.usefixtures("no_bus")
def test_home_assistant_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    result = read("jbd", "--bluetooth", ADDRESS)
    assert "custom_components.battmon.transports.ble" in result.stderr
    assert "homeassistant" not in result.stderr


def test_bleak_is_not_loaded_for_another_wire(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    result = read("jbd", "--serial", "no-such-port")
    assert "serialx" in result.stderr
    assert "bleak" not in result.stderr


@pytest.mark.parametrize(
    ("adapter", "words"),
    [
        ("none", ("No Bluetooth adapters found.\n",)),
        ("no BlueZ", ("BlueZ does not run\n",)),
        ("busy", ("Operation already in progress\n",)),
        ("forbidden", ("Permission denied",)),
    ],
)
def test_an_adapter_that_cannot_be_used_is_one_line(room: Room, adapter: str, words: tuple[str, ...]) -> None:
    assert_fails(room.read(adapter=adapter), ADDRESS, "Bluetooth cannot be used here", *words)


# What is asked for.


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--bluetooth", "battery"), ("--bluetooth", "address")),
        (("--bluetooth", "A4:C1:37:00:00"), ("--bluetooth", "address")),
        (("--bluetooth", "A4:C1:37:00:00:0G"), ("--bluetooth", "address")),
        (("--bluetooth", "12345678-1234-1234-1234-123456789ABC"), ("--bluetooth", "address")),
        (("--bluetooth", ADDRESS, "--serial", "x"), ("--serial", "--bluetooth")),
        (("--bluetooth", ADDRESS, "--baud", "9600"), ("--baud", "--serial")),
        (("--serial", "x", "--bluetooth-password", PASSWORD), ("--bluetooth-password", "with --bluetooth")),
    ],
)
def test_a_wrong_option_is_one_line(arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    result = read("jbd", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert_one_line(result.stderr, *words)


@pytest.mark.parametrize("option", ["--password", "--bluetooth-password"])
def test_a_malformed_password_is_one_line_that_does_not_repeat_it(option: str) -> None:
    result = read("jbd", "--bluetooth", ADDRESS, option, "s3cret!")
    assert (result.returncode, result.stdout) == (2, "")
    assert_one_line(result.stderr, f"argument {option}:")
    assert "s3cret" not in result.stderr


# In the room.


@pytest.mark.parametrize("address", [ADDRESS, ADDRESS.lower()])
def test_one_reading_is_one_line_of_json_and_the_link_is_closed(room: Room, address: str) -> None:
    ended = room.read(address=address)
    assert (ended.status, ended.error) == (0, "")
    record = record_of(ended.output)
    assert record["identity"]["model"].startswith("JBD-SP04S034")
    assert record["reading"]["cell_voltages"] == [3.31, 3.312, 3.309, 3.311]
    assert record["reading"]["protection_counts"]["restarts"] == 1
    assert ended.radio["events"] == ["connect", "lost"]
    assert_left_alone(ended.radio)


def test_a_watch_keeps_its_link_until_it_is_ended(room: Room) -> None:
    ended = room.read("--watch", "0.02", interrupt="listening")
    assert (ended.status, ended.error) == (0, "")
    assert len(ended.voltages) > 2
    assert ended.radio["events"] == ["connect", "lost"]
    assert_left_alone(ended.radio)


@pytest.mark.parametrize("point", ["scanning", "connecting", "listening"])
def test_a_reading_cut_short_leaves_nothing_behind(room: Room, point: str) -> None:
    """The battery stays unheard, unconnected or silent, so that each of them takes longer than that."""
    plans: dict[str, dict[str, Any]] = {
        "scanning": {"absent": True},
        "connecting": {"faults": [("hang", {})]},
        "listening": {"board": {"powered": False}},
    }
    ended = room.read(interrupt=point, **plans[point])
    assert (ended.status, ended.output, ended.error) == (128 + signal.SIGINT, "", "")
    assert_left_alone(ended.radio)
    assert ("connect" in ended.radio["events"]) is (point != "scanning")


def test_a_link_that_is_lost_between_two_readings_is_made_again(room: Room) -> None:
    """And the module, which forgets who was let in, asks for its password again."""
    ended = room.read(
        "--watch", "0.4", "--bluetooth-password", PASSWORD,
        login={"password": PASSWORD}, cut="listening", interrupt="second link",
    )  # fmt: skip
    assert (ended.status, ended.error) == (0, "")
    assert ended.radio["events"] == ["connect", "lost", "connect", "lost"]
    assert len(ended.voltages) > 1
    assert sum(data.startswith("ffaa18") for data in ended.radio["writes"]) == 2


@pytest.mark.parametrize(
    ("kind", "skip", "last_request"),
    [("cut_at_write", 2, "dda503"), ("cut_at_notification", 6, "dda504")],
    ids=["the info is asked for", "the cells came, the counts are still to be read"],
)
def test_a_link_that_is_lost_within_a_reading_ends_the_watch(
    room: Room, kind: str, skip: int, last_request: str
) -> None:
    ended = room.read("--watch", "0.1", faults=[(kind, {"skip": skip})])
    assert_fails(ended, ADDRESS)
    assert ended.radio["events"] == ["connect", "lost"]
    assert ended.radio["writes"][-1].startswith(last_request)


def test_a_battery_that_is_not_there_is_one_line(room: Room) -> None:
    assert_fails(room.read(absent=True), ADDRESS, "not heard within 0.5 s", "out of range")


def test_another_address_is_another_battery(room: Room) -> None:
    other = "A4:C1:37:00:00:02"
    ended = room.read(address=other)
    assert_fails(ended, other, "not heard")
    assert ended.radio["events"] == []


def test_a_refused_connection_is_one_line(room: Room) -> None:
    refusal = "Software caused connection abort"
    faults = [("refuse", {"count": None, "error": refusal})]
    assert_fails(room.read(faults=faults), ADDRESS, refusal)


def test_a_silent_battery_is_one_line(room: Room) -> None:
    assert_fails(room.read(board={"powered": False}), ADDRESS, "no answer")


@pytest.mark.parametrize(
    ("given", "word"), [((), "password is needed"), (("--bluetooth-password", "123456"), "wrong password")]
)
def test_a_module_that_wants_another_password_is_one_line(
    room: Room, given: tuple[str, ...], word: str
) -> None:
    ended = room.read(*given, login={"password": PASSWORD})
    assert_fails(ended, ADDRESS, word, "see --bluetooth-password")
    assert PASSWORD not in ended.error


@pytest.mark.parametrize(
    ("given", "word"), [((), "password is needed"), (("--password", "654321"), "wrong password")]
)
def test_a_battery_that_wants_another_password_is_one_line(
    room: Room, given: tuple[str, ...], word: str
) -> None:
    ended = room.read(*given, board={"password": "123456", "password_scope": "all"})
    assert_fails(ended, ADDRESS, word, "see --password")


def test_both_passwords_open(room: Room) -> None:
    ended = room.read(
        "--password", "123456", "--bluetooth-password", PASSWORD,
        login={"password": PASSWORD}, board={"password": "123456", "password_scope": "all"},
    )  # fmt: skip
    assert (ended.status, ended.error) == (0, "")
    assert ended.voltages == [13.24]
    assert ended.radio["writes"][0].startswith("ffaa15")


def test_on_macos_a_device_has_a_uuid() -> None:
    script = """
import sys
from reading import arguments
sys.platform = "darwin"
assert arguments._bluetooth_address("12345678-abcd-1234-1234-123456789abc").startswith("12345678-ABCD-")
arguments.parse(["jbd", "--bluetooth", "A4:C1:37:00:00:01"])
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "script")}
    ended = subprocess.run(
        [sys.executable, "-P", "-c", script], env=environment,
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert ended.returncode == 2
    assert_one_line(ended.stderr, "--bluetooth", "address")
