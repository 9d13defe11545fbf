"""What is shown, and when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.battmon.model.changes import Change, Transition
from custom_components.battmon.model.instant import Instant
from custom_components.battmon.model.publishing import CellVoltages, Published, publish
from custom_components.battmon.model.reading import Reading
from custom_components.battmon.model.state import BatteryState

INTERVAL = 10.0
START = datetime(2026, 11, 21, tzinfo=UTC)
CHANGE = (Transition(Change.SWITCH_CHANGED, "charging_enabled"),)
CELLS: CellVoltages = (3.300, 3.310)


def at(seconds: float) -> Instant:
    return Instant(500.0 + seconds, START + timedelta(seconds=seconds))


def state(cells: CellVoltages | None = CELLS) -> BatteryState:
    return BatteryState(reading=Reading(cell_voltages=cells))


def shown(cells: CellVoltages | None = CELLS) -> Published:
    published = publish(None, state(cells), (), at(0.0), INTERVAL)
    assert published is not None
    return published


def later(
    seconds: float, cells: CellVoltages | None, before: Published | None = None, *, changed: bool = False
) -> Published | None:
    transitions = CHANGE if changed else ()
    return publish(before or shown(), state(cells), transitions, at(seconds), INTERVAL)


def test_the_first_state_is_shown_whatever_it_is() -> None:
    assert publish(None, BatteryState(), (), at(0.0), INTERVAL) == Published(
        state=BatteryState(), cells=BatteryState(), at=at(0.0), cells_at=at(0.0)
    )
    assert shown() == Published(state=state(), cells=state(), at=at(0.0), cells_at=at(0.0))


@pytest.mark.parametrize(
    ("seconds", "due"), [(0.1, False), (9.89, False), (9.91, True), (10.0, True), (99, True)]
)
def test_a_state_is_shown_once_an_interval(seconds: float, due: bool) -> None:
    published = later(seconds, CELLS)
    assert (published is not None) is due
    if published is not None:
        assert published.at == at(seconds)


def test_a_change_is_shown_at_once() -> None:
    published = later(0.1, CELLS, changed=True)
    assert published is not None
    assert (published.at, published.cells_at, published.cell_voltages) == (at(0.1), at(0.0), CELLS)


@pytest.mark.parametrize(("before", "after"), [(None, True), (True, None), (True, False)])
@pytest.mark.parametrize("switch", ["charging_enabled", "discharging_enabled", "balancing_enabled"])
def test_a_switch_is_shown_at_once_as_it_is_seen_known_or_not(
    switch: str, before: bool | None, after: bool | None
) -> None:
    old, new = (
        BatteryState(reading=Reading(**{"cell_voltages": CELLS, switch: position}))  # type: ignore[arg-type]
        for position in (before, after)
    )
    published = publish(None, old, (), at(0.0), INTERVAL)
    assert publish(published, replace(old, power=1.0), (), at(0.1), INTERVAL) is None
    published = publish(published, new, (), at(0.1), INTERVAL)
    assert published is not None
    assert (published.state, published.cells_at) == (new, at(0.0))


def test_the_interval_begins_again_after_a_change() -> None:
    changed = later(5.0, CELLS, changed=True)
    assert later(10.0, CELLS, changed) is None
    assert later(15.0, CELLS, changed) is not None


def test_what_is_shown_already_is_not_shown_again() -> None:
    """Nothing was read: what is read next must not have to wait for it."""
    published = shown()
    assert publish(published, published.state, (), at(100.0), INTERVAL) is None
    assert publish(published, published.state, CHANGE, at(100.0), INTERVAL) is not None


def test_a_short_interval_shows_every_sample() -> None:
    assert publish(shown(), state(), (), at(0.05), 0.1) is not None


@pytest.mark.parametrize(
    "cells",
    [(3.305, 3.310), (3.295, 3.310), (3.300, 3.315), (3.300, 3.305), (0.0, 3.310)],
)
def test_cells_are_shown_afresh_when_one_moved_by_5_mv(cells: CellVoltages) -> None:
    published = later(10.0, cells)
    assert published is not None
    assert (published.cell_voltages, published.cells_at) == (cells, at(10.0))


@pytest.mark.parametrize("cells", [CELLS, (3.304, 3.306), (3.3049, 3.3149)])
def test_cells_that_hardly_move_are_shown_as_they_were(cells: CellVoltages) -> None:
    published = later(10.0, cells)
    assert published is not None
    assert published.state == state(cells)
    assert (published.cell_voltages, published.cells_at) == (CELLS, at(0.0))


@pytest.mark.parametrize(
    ("seconds", "cells"), [(59.89, CELLS), (59.91, (3.301, 3.311)), (60.0, (3.301, 3.311))]
)
def test_all_cells_are_shown_once_a_minute(seconds: float, cells: CellVoltages) -> None:
    published = later(seconds, (3.301, 3.311))
    assert published is not None
    assert published.cell_voltages == cells


def test_a_slow_drift_adds_up_to_5_mv() -> None:
    now = shown()
    for seconds, cell in ((10.0, 3.302), (20.0, 3.304), (30.0, 3.306)):
        published = later(seconds, (cell, 3.310), now)
        assert published is not None
        now = published
    assert (now.cell_voltages, now.cells_at) == ((3.306, 3.310), at(30.0))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (CELLS, None),
        (None, CELLS),
        (CELLS, (3.300,)),
        ((3.300,), CELLS),
        (CELLS, (None, 3.310)),
        ((None, 3.310), CELLS),
        ((), CELLS),
    ],
)
def test_cells_that_come_or_go_are_shown_afresh(old: CellVoltages | None, new: CellVoltages | None) -> None:
    published = later(10.0, new, shown(old))
    assert published is not None
    assert (published.cell_voltages, published.cells_at) == (new, at(10.0))


@pytest.mark.parametrize("cells", [None, (), (None, 3.310)])
def test_cells_that_stay_unknown_are_not_shown_afresh(cells: CellVoltages | None) -> None:
    published = later(10.0, cells, shown(cells))
    assert published is not None
    assert published.cells_at == at(0.0)


def test_a_state_without_a_reading_shows_no_cells() -> None:
    published = publish(shown(), BatteryState(), CHANGE, at(1.0), INTERVAL)
    assert published is not None
    assert published.cell_voltages is None


def test_the_figures_of_the_cells_are_of_the_moment_of_the_cells_that_are_shown() -> None:
    before = shown()
    unmoved, moved = later(10.0, (3.301, 3.311), before), later(10.0, (3.310, 3.311), before)
    assert unmoved is not None
    assert moved is not None
    assert (unmoved.state, unmoved.cells) == (state((3.301, 3.311)), before.state)
    assert moved.cells is moved.state
