"""What judges the demo must be able to say no."""

import socket
from datetime import UTC, datetime, timedelta

import pytest

from simulators.demo.__main__ import obstacle
from simulators.demo.batteries import cycles_at
from simulators.demo.check import unexpected
from simulators.demo.claims.values import was_true
from simulators.demo.client import NotInTime, Patience
from simulators.demo.stage import SHOWN_WITHIN, Look, number

STAMP = "2026-11-21 02:24:47.990+00:00"


@pytest.mark.parametrize(
    "line",
    [
        f"{STAMP} ERROR (MainThread) [custom_components.battmon] Unexpected error",
        f"{STAMP} WARNING (MainThread) [custom_components.battmon] Van battery is out of sight: x",
        f"{STAMP} WARNING (MainThread) [custom_components.battmon] Boat battery is not in reach yet: x",
        f"{STAMP} WARNING (MainThread) [homeassistant.components.bluetooth] no adapter",
        "Traceback (most recent call last):",
    ],
)
def test_an_unexpected_line_of_a_log_is_found(line: str) -> None:
    assert list(unexpected(f"{STAMP} INFO (MainThread) [x] fine\n{line}\n  more of it")) == [line]


def test_expected_lines_of_a_log_are_passed_over() -> None:
    log = f"{STAMP} WARNING (MainThread) [x] House battery is out of sight: gone\nsome output\n"
    assert not list(unexpected(log))


def look(time: float, true: float, shown: float | None) -> Look:
    return Look(time, true, -1.0, shown, None if shown is None else -1.0)


def test_a_value_that_was_true_a_moment_ago_is_true() -> None:
    history = [look(0, 13.0, None), look(20, 13.2, 13.0), look(30, 13.4, 13.2)]
    assert was_true(history[-1], history)


def test_a_value_that_was_true_too_long_ago_is_wrong() -> None:
    history = [look(0, 13.2, None), look(10, 13.4, 13.2), look(10 + 2 * SHOWN_WITHIN, 13.4, 13.2)]
    assert not was_true(history[-1], history)


def test_a_value_that_never_was_is_wrong() -> None:
    history = [look(0, 13.2, 13.2), look(20, 13.2, 14.0)]
    assert not was_true(history[-1], history)


def test_nothing_shown_is_never_wrong() -> None:
    history = [look(0, 13.2, 13.2), look(20, 13.2, None)]
    assert was_true(history[-1], history)


@pytest.mark.parametrize(
    ("state", "value"), [("-3.5", -3.5), ("unavailable", None), ("unknown", None), (None, None)]
)
def test_only_numbers_are_numbers(state: str | None, value: float | None) -> None:
    assert number(state) == value


async def test_patience_ends() -> None:
    async def never() -> bool:
        return False

    with pytest.raises(NotInTime, match="the moon"):
        await Patience(0.02, pause=0.005).until("the moon falls", never)


def test_cycles_never_fall_from_start_to_start() -> None:
    begun = datetime(2026, 11, 20, 12, tzinfo=UTC)
    counts = [cycles_at(begun + timedelta(hours=hours)) for hours in range(100)]
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]


def test_cycles_fit_their_register_whatever_the_clock_says() -> None:
    assert cycles_at(datetime(1970, 1, 1, tzinfo=UTC)) == 0
    assert cycles_at(datetime(2100, 1, 1, tzinfo=UTC)) == 0xFFFF


@pytest.mark.usefixtures("socket_enabled")
def test_a_busy_port_is_an_obstacle_until_it_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert obstacle(port) == "Address already in use"
    assert obstacle(port) is None
