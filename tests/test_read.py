"""`script/read`: the real command on a simulated battery behind a pseudo-terminal."""

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from custom_components.battmon.model.reading import Identity, Reading

from .battery import Bench, jbd
from .product import ROOT

COMMAND = str(ROOT / "script" / "read")
PATIENCE = 60.0
"""Seconds after which a command that should have ended fails its test."""


def read(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [COMMAND, *arguments], capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def start(*arguments: str) -> subprocess.Popen[str]:
    """Start the command."""
    return subprocess.Popen([COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def record_of(line: str) -> dict[str, dict[str, Any]]:
    """Return the object that a line of output holds."""
    record: dict[str, dict[str, Any]] = json.loads(line)
    return record


def assert_one_line(error: str, *words: str) -> None:
    """Standard error says what went wrong in one line."""
    assert error.count("\n") == 1
    assert error.startswith("script/read: ")
    for word in words:
        assert word in error


def test_one_reading_is_one_line_of_json(bench: Bench) -> None:
    result = read("jbd", "--serial", bench.plug_in(jbd(name="JBD-TEST")).path)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.endswith("\n")
    record = record_of(result.stdout)
    assert set(record) == {"identity", "reading"}
    assert set(record["identity"]) == set(Identity.__dataclass_fields__)
    assert set(record["reading"]) == set(Reading.__dataclass_fields__)
    assert record["identity"]["model"] == "JBD-TEST"
    assert len(record["reading"]["cell_voltages"]) == 4
    assert record["reading"]["voltage"] == pytest.approx(sum(record["reading"]["cell_voltages"]), abs=0.02)
    assert record["reading"]["protection_counts"]["restarts"] == 1
    assert record["reading"]["state_of_health"] is None


def test_home_assistant_is_not_loaded_and_a_board_may_count_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    result = read("jbd", "--serial", bench.plug_in(jbd(counter_words=0)).path)
    assert record_of(result.stdout)["reading"]["protection_counts"] is None
    assert "custom_components.battmon.protocols.jbd" in result.stderr
    assert "homeassistant" not in result.stderr


def test_a_port_may_be_named_from_where_one_stands(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, name = os.path.split(bench.plug_in().path)
    monkeypatch.chdir(folder)
    assert read("jbd", "--serial", name).returncode == 0


def test_the_line_speed_is_set(bench: Bench) -> None:
    port = bench.plug_in()
    assert read("jbd", "--serial", port.path, "--baud", "19200").returncode == 0
    assert port.line.line_settings.baud_rate == 19200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_watch_goes_on_until_it_is_ended(bench: Bench, number: signal.Signals) -> None:
    port = bench.plug_in()
    with start("jbd", "--serial", port.path, "--watch", "0.05") as command:
        assert command.stdout is not None
        lines = [command.stdout.readline() for _ in range(5)]
        command.send_signal(number)
        rest, error = command.communicate(timeout=PATIENCE)
    assert (command.returncode, error) == (0, "")
    voltages = [record_of(line)["reading"]["voltage"] for line in [*lines, *rest.splitlines()]]
    assert set(voltages) == {voltages[0]}


def test_a_watch_keeps_its_pace(bench: Bench) -> None:
    port = bench.plug_in()
    with start("jbd", "--serial", port.path, "--watch", "0.3") as command:
        assert command.stdout is not None
        for _ in range(4):
            command.stdout.readline()
        command.send_signal(signal.SIGINT)
    polls = [seen.time for seen in port.faults.log if seen.register == 0x04]
    assert polls[3] - polls[0] == pytest.approx(0.9, abs=0.25)


def test_a_single_reading_cut_short_says_so_in_its_status(bench: Bench) -> None:
    port = bench.plug_in()
    port.faults.inject("silence", count=None)
    with start("jbd", "--serial", port.path) as command:
        while not port.faults.log:
            assert command.poll() is None
        command.send_signal(signal.SIGINT)
        result = command.communicate(timeout=PATIENCE)
    assert (command.returncode, result) == (130, ("", ""))


def test_a_watch_ends_when_nobody_reads_it_any_more(bench: Bench) -> None:
    with start("jbd", "--serial", bench.plug_in().path, "--watch", "0.02") as command:
        assert command.stdout is not None
        assert command.stderr is not None
        command.stdout.readline()
        command.stdout.close()
        assert command.wait(PATIENCE) == 0
        assert command.stderr.read() == ""


def test_a_watch_ends_with_the_battery_s_silence(bench: Bench) -> None:
    port = bench.plug_in()
    with start("jbd", "--serial", port.path, "--watch", "0.1") as command:
        assert command.stdout is not None
        command.stdout.readline()
        port.line.vanish()
        _rest, error = command.communicate(timeout=PATIENCE)
    assert command.returncode == 1
    assert_one_line(error, port.path)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), ("protocol",)),
        (("jbd",), ("--serial",)),
        (("acme", "--serial", "x"), ("acme", "jbd")),
        (("jbd", "--serial", "x", "--bogus"), ("--bogus",)),
        (("jbd", "--serial", "x", "--baud", "0"), ("--baud",)),
        (("jbd", "--serial", "x", "--watch", "0"), ("--watch",)),
        (("jbd", "--serial", "x", "--watch", "nan"), ("--watch",)),
    ],
)
def test_a_wrong_option_is_one_line(arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    result = read(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert_one_line(result.stderr, *words)


def test_a_malformed_password_is_one_line_that_does_not_repeat_it() -> None:
    result = read("jbd", "--serial", "x", "--password", "s3cret")
    assert (result.returncode, result.stdout) == (2, "")
    assert_one_line(result.stderr, "--password")
    assert "s3cret" not in result.stderr


@pytest.mark.parametrize("address", ["no-such-port", "/dev/null", "socket://127.0.0.1:1", "acme://x"])
def test_a_port_that_cannot_be_opened_is_one_line(address: str) -> None:
    result = read("jbd", "--serial", address)
    assert (result.returncode, result.stdout) == (1, "")
    assert_one_line(result.stderr, address)


def test_a_silent_battery_is_one_line(bench: Bench) -> None:
    port = bench.plug_in(jbd(powered=False))
    result = read("jbd", "--serial", port.path)
    assert (result.returncode, result.stdout) == (1, "")
    assert_one_line(result.stderr, port.path, "no answer")


@pytest.mark.parametrize(
    ("given", "word"), [((), "password is needed"), (("--password", "654321"), "wrong password")]
)
def test_a_battery_that_wants_another_password_is_one_line(
    bench: Bench, given: tuple[str, ...], word: str
) -> None:
    port = bench.plug_in(jbd(password="123456", password_scope="all"))
    result = read("jbd", "--serial", port.path, *given)
    assert (result.returncode, result.stdout) == (1, "")
    assert_one_line(result.stderr, word)


def test_the_right_password_opens(bench: Bench) -> None:
    port = bench.plug_in(jbd(password="123456", password_scope="all"))
    result = read("jbd", "--serial", port.path, "--password", "123456")
    assert (result.returncode, result.stderr) == (0, "")
    assert record_of(result.stdout)["reading"]["voltage"] > 12


def test_output_that_cannot_be_written_is_one_line(bench: Bench) -> None:
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [COMMAND, "jbd", "--serial", bench.plug_in().path],
            stdout=full, stderr=subprocess.PIPE, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
    assert result.returncode == 1
    assert_one_line(result.stderr, "standard output")
