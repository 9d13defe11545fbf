"""What holds for any series of samples."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.battmon.model.cell import Cell, cell_figures
from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.codec import from_plain, to_plain
from custom_components.battmon.model.failsafe.conditions import find, is_quiet
from custom_components.battmon.model.failsafe.failsafe import Failsafe, with_held
from custom_components.battmon.model.failsafe.faults import ALARMS
from custom_components.battmon.model.failsafe.judging import judge, reset
from custom_components.battmon.model.failsafe.levels import Kind, Level
from custom_components.battmon.model.failsafe.presets import suggested
from custom_components.battmon.model.failsafe.readiness import not_ready
from custom_components.battmon.model.failsafe.settings import FailsafeSettings, Thresholds, Use
from custom_components.battmon.model.failsafe.silence import judge_silence
from custom_components.battmon.model.failsafe.transitions import changes
from custom_components.battmon.model.failsafe.view import View
from custom_components.battmon.model.failsafe.words import in_words, not_ready_in_words
from custom_components.battmon.model.reading import Place, Reading, Temperature

from .watching import BEGAN, ENDED, FELL, ROSE, span

pytestmark = pytest.mark.slow

LIMITS = suggested(Chemistry.LIFEPO4, 4) | {
    Kind.LOW_CAPACITY: Thresholds(20.0, 10.0),
    Kind.CHARGE_OVERCURRENT: Thresholds(50.0, 100.0),
    Kind.DISCHARGE_OVERCURRENT: Thresholds(100.0, 200.0),
}
ALL = FailsafeSettings(thresholds=LIMITS, chemistry=Chemistry.LIFEPO4)

SOUND: dict[str, Any] = {
    "reading": Reading(
        voltage=13.2,
        current=-5.0,
        cell_voltages=(3.3,) * 5,
        temperatures=(Temperature(20.0, Place.CELL), Temperature(20.0, Place.MOSFET)),
        alarms=frozenset(),
    ),
    "lowest_cell": Cell(1, 3.3),
    "highest_cell": Cell(1, 3.3),
    "resting_voltage": 13.2,
    "state_of_charge": 60.0,
    "state_of_charge_uncertainty": None,
    "remaining_capacity": 60.0,
    "cells_expected": None,
}
"""Everything is known and well. What is not known would neither confirm nor clear."""

plain = st.floats(allow_nan=True, allow_infinity=True)


def near(low: float, high: float) -> st.SearchStrategy[float | None]:
    return st.none() | st.floats(low, high) | st.sampled_from([low, high, 0.0]) | plain


cells = st.none() | st.lists(near(2.5, 3.8), max_size=5).map(tuple)
sensors = st.lists(st.builds(Temperature, near(-50.0, 130.0), st.sampled_from(Place)), max_size=3).map(tuple)
alarms = st.none() | st.frozensets(st.sampled_from(sorted(ALARMS)), max_size=2)


def views_of(alarms: st.SearchStrategy[Any]) -> st.SearchStrategy[View]:
    readings = st.builds(
        Reading,
        voltage=near(0.0, 16.0),
        current=near(-250.0, 150.0),
        full_capacity=st.none() | st.just(100.0),
        cell_voltages=cells,
        temperatures=st.none() | sensors,
        alarms=alarms,
    )

    def view(reading: Reading, others: dict[str, Any]) -> View:
        figures = cell_figures(reading.cell_voltages)
        return View(reading, figures.lowest, figures.highest, **others)

    others = st.fixed_dictionaries(
        {
            "resting_voltage": near(0.0, 16.0),
            "state_of_charge": near(0.0, 100.0),
            "state_of_charge_uncertainty": st.none() | st.floats(0.0, 50.0),
            "origin_is_counted": st.booleans(),
            "remaining_capacity": near(0.0, 100.0),
            "cells_expected": st.none() | st.integers(1, 5),
            "idle_current": st.just(1.0),
        }
    )
    return st.builds(view, readings, others)


views = views_of(alarms)
spans = st.builds(
    span, st.none() | st.sampled_from([0.0, 0.1, 1.0, 10.0, 30.0, 300.0]), st.sampled_from([0.0, 1000.0])
)
samples = st.lists(st.tuples(views, spans), max_size=8)
uses = st.sampled_from(Use)
all_settings = st.builds(
    FailsafeSettings,
    thresholds=st.dictionaries(st.sampled_from(sorted(LIMITS)), st.sampled_from(Level), max_size=13).map(
        lambda kinds: {kind: LIMITS[kind] for kind in kinds}
    ),
    use=uses,
    use_resting_voltage=st.booleans(),
    low_voltage_delay=st.sampled_from([0.0, 10.0]),
    critical_voltage_delay=st.sampled_from([0.0, 15.0]),
    chemistry=st.none() | st.sampled_from(Chemistry),
    cells=st.none() | st.integers(1, 5),
)


def folded(series: list[tuple[View, Any]], settings: FailsafeSettings) -> Failsafe:
    failsafe = Failsafe()
    for view, passed in series:
        failsafe = judge(failsafe, view, passed, settings)
    return failsafe


@given(views, all_settings)
def test_what_is_quiet_has_no_condition(view: View, settings: FailsafeSettings) -> None:
    if is_quiet(view, settings):
        assert not any(finding.is_there for finding in find(view, settings).values())


@given(views, spans, all_settings)
def test_one_sample_never_raises_more_than_the_device_says(
    view: View, passed: Any, settings: FailsafeSettings
) -> None:
    after = judge(Failsafe(), view, passed, settings)
    said = [ALARMS[alarm].level for alarm in view.reading.alarms or ()]
    assert after.level <= max(said, default=Level.NONE)


@given(views_of(st.just(frozenset())), views_of(st.just(frozenset())), spans, all_settings)
def test_a_bad_sample_among_good_ones_never_raises(
    bad: View, good: View, passed: Any, settings: FailsafeSettings
) -> None:
    sound = good._replace(**SOUND)
    series = [(sound, passed), (bad, passed)] * 3 + [(sound, passed)]
    assert folded(series, settings).level is Level.NONE


@given(samples, all_settings, st.integers(0, 8))
def test_going_through_a_file_at_any_point_changes_nothing(
    series: list[tuple[View, Any]], settings: FailsafeSettings, when: int
) -> None:
    before = folded(series[:when], settings)
    through = from_plain(Failsafe, json.loads(json.dumps(to_plain(before))))
    copied = deepcopy(before)
    for view, passed in series[when:]:
        before = judge(before, view, passed, settings)
        through = judge(through, view, passed, settings)
        copied = judge(copied, view, passed, settings)
    assert before == through == copied


@given(samples, all_settings)
def test_in_vehicle_use_levels_only_rise(series: list[tuple[View, Any]], settings: FailsafeSettings) -> None:
    failsafe = Failsafe()
    for view, passed in series:
        after = judge(failsafe, view, passed, settings)
        if settings.use is Use.VEHICLE:
            assert all(new >= old for old, new in zip(failsafe[:3], after[:3], strict=True))
        failsafe = after


@given(samples, all_settings)
def test_at_most_one_change_of_levels_in_a_step(
    series: list[tuple[View, Any]], settings: FailsafeSettings
) -> None:
    failsafe = Failsafe()
    for view, passed in series:
        after = judge(failsafe, view, passed, settings)
        found = [change for change, _ in changes(failsafe, after)]
        moved = failsafe[:3] != after[:3]
        assert found.count(ROSE) + found.count(FELL) == moved
        if any(new > old for old, new in zip(failsafe[:3], after[:3], strict=True)):
            assert ROSE in found
        assert not (moved and ENDED in found)
        failsafe = after


@given(samples, all_settings)
def test_levels_are_those_of_the_reasons(series: list[tuple[View, Any]], settings: FailsafeSettings) -> None:
    failsafe = folded(series, settings)
    anew = with_held(Failsafe(), failsafe.held, failsafe.timers, failsafe.drill, failsafe.read_within)
    assert anew == failsafe
    assert failsafe.level == max((reason.level for reason in failsafe.reasons), default=Level.NONE)
    assert [reason.level for reason in failsafe.reasons] == sorted(
        (reason.level for reason in failsafe.reasons), reverse=True
    )


@given(samples, all_settings)
def test_reads_are_asked_for_exactly_while_a_timer_runs(
    series: list[tuple[View, Any]], settings: FailsafeSettings
) -> None:
    failsafe = folded(series, settings)
    assert (failsafe.read_within is not None) == bool(failsafe.timers)


@given(samples, all_settings)
def test_a_reset_twice_is_a_reset_once(series: list[tuple[View, Any]], settings: FailsafeSettings) -> None:
    failsafe = folded(series, settings)
    view = series[-1][0] if series else None
    once = reset(failsafe, view, span(None), settings)
    again = reset(once, view, span(None), settings)
    assert again._replace(read_within=None) == once._replace(read_within=None)


@given(samples, all_settings)
def test_silence_is_judged_once(series: list[tuple[View, Any]], settings: FailsafeSettings) -> None:
    failsafe = judge_silence(folded(series, settings), settings, lost=True, state_of_charge=None)
    assert failsafe.level >= Level.UNHEALTHY
    assert judge_silence(failsafe, settings, lost=True, state_of_charge=0.0) is failsafe


@given(samples, all_settings)
def test_everything_can_be_said(series: list[tuple[View, Any]], settings: FailsafeSettings) -> None:
    failsafe = folded(series, settings)
    view = series[-1][0] if series else None
    said = [in_words(reason) for reason in failsafe.reasons]
    said += [not_ready_in_words(why) for why in not_ready(view, failsafe, settings)]
    assert all(said)
    assert not any("None" in text or "nan" in text or "inf" in text for text in said)


@given(samples)
def test_a_reason_that_is_held_is_news_when_it_begins(series: list[tuple[View, Any]]) -> None:
    failsafe = Failsafe()
    for view, passed in series:
        after = judge(failsafe, view, passed, ALL)
        grown = {r.kind for r in after.reasons} - {r.kind for r in failsafe.reasons}
        found = list(changes(failsafe, after))
        if grown:
            assert {ROSE, BEGAN} & {change for change, _ in found}
        failsafe = after
