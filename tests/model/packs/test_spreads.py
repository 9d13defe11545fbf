"""How far members are apart: what raises an alarm, what ends it, and what is none (rules 5, skew)."""

from collections.abc import Mapping

import pytest

from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.estimation.charge_counting import Origin
from custom_components.battmon.model.packs.members import Quality, Spreads
from custom_components.battmon.model.packs.settings import Arrangement

from .merged_builders import PARALLEL, SERIES, Watched, watched

VOLTAGE, CURRENT, CHARGE = Alarm.VOLTAGE_SPREAD, Alarm.CURRENT_SPREAD, Alarm.STATE_OF_CHARGE_SPREAD
DAY = 86400.0
APART = {"voltage": (13.0, 13.2)}
NEAR = {"voltage": (13.0, 13.02)}
type Values = Mapping[str, tuple[float, ...]]
"""Quantity to what each member says."""


def see(pack: Watched, start: float, end: float, values: Values, step: float = 2.0) -> None:
    """Sample all members at once, again and again."""
    for number in range(round((end - start) / step) + 1):
        see_once(pack, start + number * step, values)


def see_once(pack: Watched, seconds: float, values: Values) -> None:
    for index, name in enumerate([member.name for member in pack.members.values()]):
        pack.take(seconds, name, **{quantity: each[index] for quantity, each in values.items()})
    pack.combine(seconds)


@pytest.mark.parametrize(
    ("arrangement", "alarm", "values"),
    [
        (PARALLEL, VOLTAGE, {"voltage": (13.0, 13.2)}),
        (SERIES, CURRENT, {"current": (10.0, 11.5)}),
        (SERIES, CURRENT, {"current": (-106.0, -100.0)}),
        (SERIES, CHARGE, {"percent": (50.0, 61.0)}),
        (PARALLEL, CHARGE, {"percent": (50.0, 66.0)}),
    ],
)
def test_members_too_far_apart_are_told_after_a_minute(
    arrangement: Arrangement, alarm: Alarm, values: Values
) -> None:
    pack = watched(arrangement, "A", "B")
    see(pack, 0, 58, values)
    assert pack.blamed(alarm) is None
    see_once(pack, 60, values)
    assert pack.blamed(alarm) == ("A", "B")


@pytest.mark.parametrize(
    ("arrangement", "values"),
    [
        (PARALLEL, {"voltage": (13.0, 13.13)}),
        (SERIES, {"current": (-10.0, -10.9)}),
        (SERIES, {"current": (-100.0, -104.0)}),
        (SERIES, {"percent": (50.0, 59.0), "voltage": (12.0, 14.0)}),
        (PARALLEL, {"percent": (50.0, 64.0), "current": (-1.0, -90.0)}),
    ],
)
def test_members_within_the_limits_are_not(arrangement: Arrangement, values: Values) -> None:
    pack = watched(arrangement, "A", "B")
    see(pack, 0, 300, values)
    assert pack.reading.alarms == frozenset()


def test_more_cells_may_be_further_apart() -> None:
    pack = watched(PARALLEL, "A", "B")
    pack.usual = {"cell_voltages": (3.3,) * 16}
    see(pack, 0, 300, {"voltage": (52.6, 52.9)})
    assert pack.blamed(VOLTAGE) is None
    see(pack, 302, 362, {"voltage": (52.5, 53.1)})
    assert pack.blamed(VOLTAGE) == ("A", "B")


def test_of_batteries_without_cells_a_percent_counts() -> None:
    pack = watched(PARALLEL, "A", "B")
    pack.usual = {"cell_voltages": None}
    see(pack, 0, 60, {"voltage": (52.6, 53.0)})
    assert pack.blamed(VOLTAGE) is None
    see(pack, 62, 122, {"voltage": (52.4, 53.0)})
    assert pack.blamed(VOLTAGE) == ("A", "B")


@pytest.mark.parametrize(
    ("arrangement", "limits", "alarm", "values"),
    [
        (PARALLEL, {"voltage_spread": 0.05}, VOLTAGE, {"voltage": (13.0, 13.06)}),
        (SERIES, {"current_spread": 0.3}, CURRENT, {"current": (9.6, 10.0)}),
        (SERIES, {"state_of_charge_spread": 3.0}, CHARGE, {"percent": (50.0, 54.0)}),
    ],
)
def test_a_person_s_own_limit_counts_instead(
    arrangement: Arrangement, limits: dict[str, float], alarm: Alarm, values: Values
) -> None:
    pack = watched(arrangement, "A", "B", **limits)
    see(pack, 0, 60, values)
    assert pack.blamed(alarm) == ("A", "B")


@pytest.mark.parametrize(
    ("arrangement", "limit", "values"),
    [
        (PARALLEL, "voltage_spread", {"voltage": (10.0, 14.0)}),
        (SERIES, "current_spread", {"current": (0.0, 100.0)}),
        (PARALLEL, "state_of_charge_spread", {"percent": (0.0, 100.0)}),
    ],
)
def test_a_limit_of_zero_is_off(arrangement: Arrangement, limit: str, values: Values) -> None:
    pack = watched(arrangement, "A", "B", **{limit: 0.0})
    see(pack, 0, 300, values)
    assert pack.reading.alarms == frozenset()


def test_how_far_members_are_apart_is_told_without_an_alarm() -> None:
    pack = watched(PARALLEL, "A", "B")
    see_once(pack, 0, {"voltage": (13.2, 13.25), "percent": (50.0, 52.0)})
    assert pack.reading.spreads.voltage == pytest.approx(0.05)
    assert pack.reading.spreads[1:] == (None, 2.0, 0.0)


def test_an_alarm_is_over_only_well_inside_the_limit() -> None:
    pack = watched(PARALLEL, "A", "B")
    see(pack, 0, 60, APART)
    see(pack, 62, 122, {"voltage": (13.0, 13.1)})  # of 0.132 V, 76 %
    assert pack.blamed(VOLTAGE) == ("A", "B")
    see_once(pack, 124, {"voltage": (13.0, 13.09)})
    assert pack.blamed(VOLTAGE) is None


def test_a_single_spike_raises_nothing_however_long_it_is_the_newest_sample() -> None:
    pack = watched(PARALLEL, "A", "B", stale_after=600.0)
    pack.usual = {"current": 0.0}
    for round_ in range(3):
        start = 140.0 * round_
        pack.sample(start, "A", voltage=13.2 if round_ != 1 else 14.0)
        for seconds in range(10, 140, 10):
            pack.sample(start + seconds, "B", voltage=13.2)
            assert pack.blamed(VOLTAGE) is None


def test_a_slow_member_too_far_off_twice_is_told() -> None:
    pack = watched(PARALLEL, "A", "B", stale_after=600.0)
    pack.usual = {"current": 0.0}
    for seconds in range(0, 300, 10):
        if seconds % 140 == 0:
            pack.take(seconds, "A", voltage=14.0)
        pack.sample(seconds, "B", voltage=13.2)
    assert pack.blamed(VOLTAGE) == ("B", "A")


def test_being_near_in_between_begins_the_minute_anew() -> None:
    pack = watched(PARALLEL, "A", "B")
    see(pack, 0, 50, APART)
    see_once(pack, 52, NEAR)
    see(pack, 54, 112, APART)
    assert pack.blamed(VOLTAGE) is None
    see_once(pack, 114, APART)
    assert pack.blamed(VOLTAGE) is not None


def test_combining_again_without_news_counts_for_nothing() -> None:
    pack = watched(PARALLEL, "A", "B", stale_after=600.0)
    see_once(pack, 0, APART)
    for seconds in range(1, 300):
        pack.combine(seconds)
    assert pack.blamed(VOLTAGE) is None


@pytest.mark.parametrize("gap", [70.0, DAY])
def test_a_gap_counts_for_nothing(gap: float) -> None:
    pack = watched(PARALLEL, "A", "B")
    see(pack, 0, 50, APART)
    see(pack, 50 + gap, 108 + gap, APART)
    assert pack.blamed(VOLTAGE) is None
    see_once(pack, 110 + gap, APART)
    assert pack.blamed(VOLTAGE) is not None


def test_a_bank_without_a_member_keeps_what_the_others_say() -> None:
    pack = watched(PARALLEL, "A", "B", "C")
    see(pack, 0, 60, {"voltage": (13.0, 13.2, 13.1)})
    pack.lose("C")
    pack.combine(61)
    assert pack.blamed(VOLTAGE) == ("A", "B")


@pytest.mark.parametrize("lost", ["A", "B"])
def test_an_alarm_ends_when_one_that_it_is_about_is_not_there(lost: str) -> None:
    pack = watched(PARALLEL, "A", "B", "C")
    see(pack, 0, 60, {"voltage": (13.0, 13.2, 13.1)})
    pack.lose(lost)
    pack.combine(61)
    assert pack.blamed(VOLTAGE) is None
    assert pack.reading.quality is Quality.PARTIAL


def test_a_member_that_is_off_the_bus_is_not_compared() -> None:
    pack = watched(PARALLEL, "A", "B")
    off: Values = {"charging_enabled": (True, False), "discharging_enabled": (True, False)}
    see(pack, 0, 300, {"voltage": (13.0, 14.2), "percent": (20.0, 100.0), **off})
    assert pack.reading.alarms == frozenset()
    assert pack.reading.spreads == Spreads()


def test_a_string_without_a_member_is_not_judged_and_goes_on_where_it_was() -> None:
    pack = watched(SERIES, "A", "B")
    see(pack, 0, 40, {"current": (10.0, 12.0)})
    pack.lose("B")
    pack.sample(42, "A")
    assert pack.reading.quality is Quality.UNAVAILABLE
    assert pack.reading.alarms is None
    see(pack, 44, 60, {"current": (10.0, 12.0)})
    assert pack.blamed(CURRENT) == ("A", "B")


@pytest.mark.parametrize(
    ("voltages", "blamed"),
    [
        ((13.0, 13.2, 13.21), ("A",)),
        ((13.2, 13.21, 13.4), ("C",)),
        ((13.0, 13.12, 13.2), ("A", "C")),
    ],
)
def test_the_one_that_is_far_from_all_others_is_blamed(
    voltages: tuple[float, ...], blamed: tuple[str, ...]
) -> None:
    pack = watched(PARALLEL, "A", "B", "C")
    see(pack, 0, 60, {"voltage": voltages})
    assert pack.blamed(VOLTAGE) == blamed


def test_what_counting_may_be_wrong_by_is_no_difference() -> None:
    pack = watched(SERIES, "A", "B")
    pack.usual = {"origin": Origin.COUNTED, "uncertainty": 6.0}
    see(pack, 0, 60, {"percent": (50.0, 71.0)})
    assert pack.blamed(CHARGE) is None
    see(pack, 62, 122, {"percent": (50.0, 73.0)})
    assert pack.blamed(CHARGE) == ("A", "B")


def test_alarms_of_members_stay_beside_those_about_them() -> None:
    pack = watched(PARALLEL, "A", "B")
    pack.usual = {"alarms": frozenset({Alarm.LOW_CAPACITY})}
    see(pack, 0, 60, APART)
    assert pack.reading.alarms == {Alarm.LOW_CAPACITY, VOLTAGE}
    assert pack.reading.alarm_members == {Alarm.LOW_CAPACITY: ("A", "B"), VOLTAGE: ("A", "B")}


def test_an_alarm_of_a_virtual_member_names_who_is_blamed_on_either_level() -> None:
    pack = watched(PARALLEL, "A", "B")
    pack.usual = {"alarms": frozenset({VOLTAGE})}
    see(pack, 0, 60, {"voltage": (13.2, 13.2)})
    assert pack.blamed(VOLTAGE) == ("A", "B")
    see(pack, 62, 122, APART)
    assert pack.blamed(VOLTAGE) == ("A", "B")


def test_a_battery_without_alarms_of_its_own_is_told_to_have_none() -> None:
    pack = watched(PARALLEL, "A", "B")
    pack.usual = {"alarms": None}
    see_once(pack, 0, NEAR)
    assert pack.reading.alarms == frozenset()
