"""The flight recorder: ten minutes at full rate, in little room, with every extreme."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from math import sin
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.battmon.model.failsafe.levels import Level
from custom_components.battmon.model.flight_recorder import (
    BUCKET,
    DURATION,
    FIELDS,
    MAX_ROWS,
    FlightRecorder,
)
from custom_components.battmon.model.instant import Instant

START = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)
UNKNOWN: dict[str, Any] = dict.fromkeys(FIELDS)
KNOWN: dict[str, Any] = {
    "voltage": 13.2,
    "current": -5.25,
    "power": 13.2 * -5.25,
    "state_of_charge": 55.0,
    "lowest_cell": 3.295,
    "highest_cell": 3.305,
    "cell_imbalance": 0.01,
    "temperature": 0.0,
    "resting_voltage": 13.25,
    "level": Level.LOW,
}


def at(seconds: float, *, clock: float | None = None) -> Instant:
    """Return a moment so long after the start; `clock` is what the wall clock shows, if it is wrong."""
    return Instant(seconds, START + timedelta(seconds=seconds if clock is None else clock))


def record(recorder: FlightRecorder, now: Instant, **values: Any) -> None:
    recorder.record(now, **{**UNKNOWN, **values})


def column(recorder: FlightRecorder, name: str) -> list[Any]:
    return [row[name] for row in recorder.samples(fields=[name])]


def times(recorder: FlightRecorder) -> list[float]:
    """Return when the rows were taken, in s after the start."""
    return [(datetime.fromisoformat(time) - START).total_seconds() for time in column_of_times(recorder)]


def column_of_times(recorder: FlightRecorder) -> list[str]:
    return [row["time"] for row in recorder.samples(fields=[])]


def ride(recorder: FlightRecorder, seconds: float, interval: float) -> Iterator[tuple[float, float, float]]:
    """Record a restless battery and yield what was recorded: time, voltage and current."""
    for number in range(round(seconds / interval)):
        time = number * interval
        current = 10 * sin(number * 0.7) + sin(number * 0.013)
        voltage = 13 + 0.01 * current + 0.1 * sin(number * 1.9)
        record(recorder, at(time), voltage=voltage, current=current, level=Level.NONE)
        yield time, voltage, current


def test_a_new_recorder_has_nothing() -> None:
    assert FlightRecorder().samples() == []
    assert FlightRecorder().samples(START, ["voltage"]) == []
    assert len(FlightRecorder()) == 0


def test_a_row_is_what_was_recorded_as_json() -> None:
    recorder = FlightRecorder()
    recorder.record(at(0.1), **KNOWN)
    row = {"time": "2026-11-21T02:30:00.100000+00:00", **KNOWN, "level": "low"}
    assert recorder.samples() == [row]
    assert json.loads(json.dumps(recorder.samples())) == [row]
    assert list(recorder.samples()[0]) == ["time", *FIELDS]


def test_unknown_is_none() -> None:
    recorder = FlightRecorder()
    record(recorder, at(0))
    assert recorder.samples() == [{"time": "2026-11-21T02:30:00+00:00", **UNKNOWN}]


@pytest.mark.parametrize("level", Level)
def test_a_level_is_told_by_its_key(level: Level) -> None:
    recorder = FlightRecorder()
    record(recorder, at(0), level=level)
    assert column(recorder, "level") == [level.key]


def test_the_clock_of_another_zone_is_told_in_utc() -> None:
    recorder = FlightRecorder()
    record(recorder, Instant(0.0, START.astimezone(timezone(timedelta(hours=5.5)))))
    assert column_of_times(recorder) == [START.isoformat()]


def test_only_the_fields_that_are_asked_for() -> None:
    recorder = FlightRecorder()
    recorder.record(at(0), **KNOWN)
    assert recorder.samples(fields={"level", "current"}) == [
        {"time": START.isoformat(), "current": -5.25, "level": "low"}
    ]
    assert recorder.samples(fields=[]) == [{"time": START.isoformat()}]


def test_fields_that_there_are_not_are_named() -> None:
    with pytest.raises(ValueError, match="^no such field: colour, soc$"):
        FlightRecorder().samples(fields=["voltage", "soc", "colour"])


def test_only_since_a_moment_in_any_zone() -> None:
    recorder = FlightRecorder()
    for seconds in range(10):
        record(recorder, at(seconds), voltage=float(seconds))
    since = (START + timedelta(seconds=7)).astimezone(timezone(timedelta(hours=-3)))
    assert [row["voltage"] for row in recorder.samples(since)] == [7.0, 8.0, 9.0]
    assert recorder.samples(START + timedelta(seconds=9.5)) == []


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        FlightRecorder().samples(datetime(2026, 11, 21))  # noqa: DTZ001


@pytest.mark.parametrize("interval", [0.5, 1.0, 2.0, 10.0])
def test_where_there_is_room_every_sample_of_ten_minutes_is_kept(interval: float) -> None:
    recorder = FlightRecorder()
    seen = list(ride(recorder, 3 * DURATION, interval))
    last = seen[-1][0]
    expected = [row for row in seen if row[0] >= last - DURATION]
    assert times(recorder) == [time for time, _, _ in expected]
    assert column(recorder, "voltage") == [voltage for _, voltage, _ in expected]
    assert len(recorder) <= (DURATION + 2 * BUCKET) / interval + 1, "what is too old takes up no room"


@pytest.mark.parametrize("interval", [0.05, 0.1, 0.2])
def test_an_hour_of_fast_sampling_stays_within_bounds(interval: float) -> None:
    recorder = FlightRecorder()
    most = 0
    for _ in ride(recorder, 3600, interval):
        most = max(most, len(recorder))
    assert MAX_ROWS - 200 <= len(recorder) <= most <= MAX_ROWS
    assert len(recorder.samples()) <= MAX_ROWS
    octets = sum(sys.getsizeof(bucket) for bucket in recorder._buckets)
    assert octets <= 120 * MAX_ROWS, "a row is 96 octets"


@pytest.mark.parametrize("interval", [0.05, 0.1, 0.2])
def test_the_newest_half_is_at_full_rate(interval: float) -> None:
    recorder = FlightRecorder()
    seen = [time for time, _, _ in ride(recorder, 1500, interval)]
    newest = MAX_ROWS // 2 - round(BUCKET / interval)
    assert times(recorder)[-newest:] == pytest.approx(seen[-newest:], abs=1e-6)


def test_thinned_rows_reach_back_ten_minutes_with_no_hole() -> None:
    recorder = FlightRecorder()
    last = [time for time, _, _ in ride(recorder, 3600, 0.1)][-1]
    kept = times(recorder)
    assert last - 600.0 <= kept[0] <= last - 600.0 + BUCKET
    gaps = [after - before for before, after in zip(kept, kept[1:], strict=False)]
    assert min(gaps) > 0
    assert max(gaps) < 2 * BUCKET


def test_a_value_that_is_unknown_hides_no_extreme() -> None:
    """The first of each bucket is, and every third after it."""
    recorder = FlightRecorder()
    buckets: dict[int, list[float]] = {}
    for number in range(9000):
        voltage = None if number % 3 == 0 else 13 + sin(number * 0.7)
        record(recorder, at(number * 0.1), voltage=voltage)
        if voltage is not None and number >= 3030:
            buckets.setdefault(number // 30, []).append(voltage)
    kept = set(column(recorder, "voltage"))
    assert len(recorder) <= MAX_ROWS
    assert [
        extreme(volts) for volts in buckets.values() for extreme in (min, max) if extreme(volts) not in kept
    ] == []


@pytest.mark.parametrize("interval", [0.02, 0.1, 0.2])
def test_lowest_and_highest_voltage_and_current_survive_thinning(interval: float) -> None:
    """Of the whole, and of every bucket that lies whole in the ten minutes."""
    recorder = FlightRecorder()
    seen = list(ride(recorder, 1500, interval))
    kept = [(row["voltage"], row["current"]) for row in recorder.samples()]
    voltages, currents = {voltage for voltage, _ in kept}, {current for _, current in kept}
    end = seen[-1][0]
    buckets: dict[float, list[tuple[float, float, float]]] = {}
    for row in seen:
        if row[0] >= end - DURATION + BUCKET:
            buckets.setdefault(row[0] // BUCKET, []).append(row)
    assert len(buckets) >= DURATION / BUCKET - 2
    for rows in list(buckets.values())[1:]:
        assert {pick(row[1] for row in rows) for pick in (min, max)} <= voltages
        assert {pick(row[2] for row in rows) for pick in (min, max)} <= currents


def test_a_spike_of_one_sample_survives() -> None:
    calm: dict[str, Any] = {"voltage": 13.0, "current": 0.0, "level": Level.NONE}
    spikes: dict[int, dict[str, Any]] = {
        700: {"voltage": 5.0},
        704: {"current": 300.0},
        709: {"voltage": 17.0},
        715: {"current": -400.0},
        717: {"level": Level.CRITICAL},
    }
    recorder = FlightRecorder()
    for number in range(6000):
        record(recorder, at(number * 0.1), **{**calm, **spikes.get(number, {})})
    assert {5.0, 17.0} <= set(column(recorder, "voltage"))
    assert {300.0, -400.0} <= set(column(recorder, "current"))
    critical = {"time": "2026-11-21T02:31:11.700000+00:00", "level": "critical"}
    assert critical in recorder.samples(fields=["level"])


def test_unknown_values_among_known_ones_do_not_hide_an_extreme() -> None:
    recorder = FlightRecorder()
    for number in range(6000):
        known = number % 3 == 0
        record(recorder, at(number * 0.1), voltage=5.0 if number == 600 else 13.0 if known else None)
    assert len(recorder) <= MAX_ROWS
    assert 5.0 in column(recorder, "voltage")


def test_a_time_in_which_nothing_was_known_is_no_hole() -> None:
    recorder = FlightRecorder()
    for number in range(6000):
        record(recorder, at(number * 0.1))
    gaps = [after - before for before, after in zip(times(recorder), times(recorder)[1:], strict=False)]
    assert max(gaps) <= BUCKET + 0.1
    assert len(recorder) <= MAX_ROWS


def test_samples_at_the_same_instant_are_all_kept_while_there_is_room() -> None:
    recorder = FlightRecorder()
    for voltage in (1.0, 2.0, 3.0):
        record(recorder, at(5), voltage=voltage)
    assert column(recorder, "voltage") == [1.0, 2.0, 3.0]


def test_any_number_of_samples_at_the_same_instant_stays_within_bounds() -> None:
    recorder = FlightRecorder()
    for number in range(3 * MAX_ROWS):
        record(recorder, at(5), voltage=1.0 if number == 17 else 2.0, level=Level.NONE)
        assert len(recorder) <= MAX_ROWS
    assert 1.0 in column(recorder, "voltage")


def test_a_sample_that_comes_late_is_dropped() -> None:
    recorder = FlightRecorder()
    for seconds in (1, 3, 2, 4):
        record(recorder, at(seconds))
    assert times(recorder) == [1, 3, 4]


def test_rows_keep_their_order_when_the_clock_is_set_back() -> None:
    recorder = FlightRecorder()
    for seconds in (0, 1, 2, 3):
        clock = seconds - 3600 if seconds >= 2 else seconds
        record(recorder, at(seconds, clock=clock), voltage=float(seconds))
    assert column(recorder, "voltage") == [0.0, 1.0, 2.0, 3.0]
    assert times(recorder) == [0, 1, -3598, -3597]
    assert [row["voltage"] for row in recorder.samples(START)] == [0.0, 1.0]


def test_a_clock_that_is_set_does_not_make_rows_old() -> None:
    recorder = FlightRecorder()
    record(recorder, at(0), voltage=1.0)
    record(recorder, at(1, clock=86_400), voltage=2.0)
    assert column(recorder, "voltage") == [1.0, 2.0]


def test_after_a_gap_of_a_day_only_what_is_new_is_left() -> None:
    recorder = FlightRecorder()
    for _ in ride(recorder, 900, 0.1):
        pass
    record(recorder, at(86_400), voltage=1.0)
    assert times(recorder) == [86_400]
    assert len(recorder) == 1
    for number in range(6000):
        record(recorder, at(86_400 + number * 0.1), voltage=2.0)
    assert len(recorder) <= MAX_ROWS


@given(
    st.lists(
        st.tuples(st.floats(0, 400), st.none() | st.floats(-1e3, 1e3), st.none() | st.sampled_from(Level)),
        max_size=60,
    )
)
def test_what_is_kept_was_recorded_in_this_order(
    rows: list[tuple[float, float | None, Level | None]],
) -> None:
    recorder = FlightRecorder()
    time, seen = 0.0, []
    for gap, voltage, level in rows:
        time += gap
        record(recorder, at(time), voltage=voltage, level=level)
        seen.append((time, voltage, None if level is None else level.key))
    expected = [row for row in seen if row[0] >= time - DURATION]
    found = [(row["voltage"], row["level"]) for row in recorder.samples()]
    assert found == [(voltage, level) for _, voltage, level in expected]
