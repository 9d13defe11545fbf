"""Which limits a battery has: caps, curves, alarms (rules 4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.estimation.limits import Limits
from custom_components.battmon.model.estimation.settings import BatterySettings
from custom_components.battmon.model.reading import Place, Reading, Temperature

from .limits_bench import LIFEPO4, limits, pack

# Caps


def test_without_limits_of_its_own_a_battery_charges_at_half_c_and_discharges_at_one() -> None:
    assert limits(pack()) == Limits(4 * 3.45, 50.0, 100.0, (), ())


def test_a_device_that_tells_limits_is_believed() -> None:
    told = pack(charge_voltage_limit=14.2, charge_current_limit=70.0, discharge_current_limit=90.0)
    assert limits(told)[:3] == (14.2, 70.0, 90.0)


def test_a_device_that_allows_nothing_gets_nothing() -> None:
    assert limits(pack(charge_current_limit=0.0, discharge_current_limit=0.0))[1:3] == (0.0, 0.0)


def test_what_the_person_sets_caps_what_the_device_tells() -> None:
    settings = BatterySettings(charge_current_cap=70.0, discharge_current_cap=90.0)
    told = pack(charge_current_limit=100.0, discharge_current_limit=80.0)
    assert limits(told, settings=settings)[1:3] == (70.0, 80.0)


def test_what_the_person_sets_caps_what_the_capacity_allows() -> None:
    settings = BatterySettings(charge_current_cap=20.0, discharge_current_cap=200.0)
    assert limits(pack(), settings=settings)[1:3] == (20.0, 100.0)


def test_a_cap_below_nothing_is_nothing() -> None:
    assert limits(pack(), settings=BatterySettings(charge_current_cap=-5.0)).charge_current == 0.0


@pytest.mark.parametrize("capacity", [None, 0.0, -1.0, float("nan"), float("inf")])
def test_without_a_capacity_and_the_devices_limits_nothing_is_known(capacity: float | None) -> None:
    settings = BatterySettings(chemistry=Chemistry.LIFEPO4, charge_current_cap=70.0)
    assert limits(pack(), capacity=capacity, settings=settings)[1:3] == (None, None)


@pytest.mark.parametrize("told", [-1.0, float("nan"), float("inf"), None])
def test_a_limit_that_cannot_be_counts_as_not_told(told: float | None) -> None:
    absurd = pack(charge_voltage_limit=told, charge_current_limit=told, discharge_current_limit=told)
    assert limits(absurd)[:3] == (4 * 3.45, 50.0, 100.0)


def test_a_pack_without_cell_readings_is_charged_to_what_its_configured_cells_take() -> None:
    settings = BatterySettings(chemistry=Chemistry.LEAD_ACID, cells=6)
    assert limits(pack(cells=None), settings=settings).charge_voltage == pytest.approx(14.4)


def test_cells_that_were_read_once_count_for_the_charge_voltage() -> None:
    assert limits(pack(), pack(cells=None)).charge_voltage == pytest.approx(13.8)


@pytest.mark.parametrize("settings", [BatterySettings(cells=4), LIFEPO4])
def test_without_chemistry_or_cells_the_charge_voltage_is_unknown(settings: BatterySettings) -> None:
    assert limits(pack(cells=None), settings=settings).charge_voltage is None


def test_without_a_chemistry_no_curve_applies_and_it_says_so() -> None:
    extreme = pack(cells=(2.0, 4.5), cell_temperatures=(-30.0, 80.0), mosfet=(110.0,))
    assert limits(extreme, settings=BatterySettings()) == Limits(None, 50.0, 100.0, (), ("chemistry",))


# Curves


def charge_at(highest: float) -> float | None:
    return limits(pack(cells=(3.3, highest))).charge_current


def discharge_at(lowest: float) -> float | None:
    return limits(pack(cells=(lowest, 3.3))).discharge_current


@pytest.mark.parametrize(
    ("highest", "current"),
    [(3.0, 50.0), (3.375, 50.0), (3.40, 12.5), (3.425, 2.5), (3.45, 0.25), (3.50, 0.0), (3.65, 0.0)],
)
def test_the_highest_cell_lowers_the_charge_current_from_75_mv_below_to_50_mv_above_the_charge_voltage(
    highest: float, current: float
) -> None:
    """The shape of dbus-serialbattery, at the anchors of the rules."""
    assert charge_at(highest) == pytest.approx(current, abs=1e-9)


@pytest.mark.parametrize(
    ("lowest", "current"),
    [(3.3, 100.0), (3.0, 100.0), (2.96, 25.0), (2.92, 5.0), (2.88, 0.5), (2.80, 0.0), (2.5, 0.0)],
)
def test_the_lowest_cell_lowers_the_discharge_current_from_low_to_critical(
    lowest: float, current: float
) -> None:
    assert discharge_at(lowest) == pytest.approx(current, abs=1e-9)


@given(st.floats(3.2, 3.6), st.floats(3.2, 3.6))
def test_a_higher_cell_never_means_more_charge_current(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert (charge_at(high) or 0.0) <= (charge_at(low) or 0.0)


@given(st.floats(2.6, 3.2), st.floats(2.6, 3.2))
def test_a_lower_cell_never_means_more_discharge_current(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert (discharge_at(low) or 0.0) <= (discharge_at(high) or 0.0)


@pytest.mark.parametrize(
    ("temperature", "charge", "discharge", "reasons"),
    [
        (20.0, 50.0, 100.0, ()),
        (3.0, 50.0, 100.0, ()),
        (1.5, 25.0, 100.0, ("charge_cold",)),
        (0.0, 0.0, 100.0, ("charge_cold",)),
        (-17.5, 0.0, 50.0, ("charge_cold", "discharge_cold")),
        (-20.0, 0.0, 0.0, ("charge_cold", "discharge_cold")),
        (45.0, 50.0, 100.0, ()),
        (50.0, 25.0, 100.0, ("charge_hot",)),
        (57.5, 0.0, 50.0, ("charge_hot", "discharge_hot")),
        (60.0, 0.0, 0.0, ("charge_hot", "discharge_hot")),
    ],
)
def test_temperatures_lower_the_currents_between_warning_and_critical(
    temperature: float, charge: float, discharge: float, reasons: tuple[str, ...]
) -> None:
    found = limits(pack(cell_temperatures=(20.0, temperature)))
    assert found[1:4] == (pytest.approx(charge), pytest.approx(discharge), reasons)


@pytest.mark.parametrize("place", [Place.MOSFET, Place.BOARD])
@pytest.mark.parametrize(
    ("temperature", "part", "reasons"),
    [(85.0, 1.0, ()), (90.0, 0.5, ("mosfet_hot",)), (95.0, 0.0, ("mosfet_hot",)), (-30.0, 1.0, ())],
)
def test_hot_mosfets_and_boards_lower_both_currents(
    place: Place, temperature: float, part: float, reasons: tuple[str, ...]
) -> None:
    found = limits(Reading(cell_voltages=(3.3,), temperatures=(Temperature(temperature, place),)))
    assert found[1:4] == (pytest.approx(50 * part), pytest.approx(100 * part), reasons)


def test_a_sensor_at_an_unknown_place_may_be_at_the_cells() -> None:
    assert limits(Reading(temperatures=(Temperature(-10.0, Place.UNKNOWN),))).charge_current == 0.0


def test_the_air_around_a_battery_limits_nothing() -> None:
    found = limits(Reading(temperatures=(Temperature(-30.0, Place.AMBIENT),)))
    assert found[1:] == (50.0, 100.0, (), ("cells", "temperatures", "mosfets"))


def test_every_reason_is_named() -> None:
    found = limits(pack(cells=(2.85, 3.42), cell_temperatures=(2.0, 58.0), mosfet=(90.0,)))
    assert found.reasons == (
        "high_cell",
        "low_cell",
        "charge_cold",
        "charge_hot",
        "discharge_hot",
        "mosfet_hot",
    )


def test_the_harshest_curve_counts() -> None:
    assert limits(pack(cells=(3.3, 3.40), cell_temperatures=(1.5,))).charge_current == pytest.approx(12.5)
    assert limits(pack(cells=(3.3, 3.40), cell_temperatures=(0.3,))).charge_current == pytest.approx(5.0)
    assert limits(pack(cells=(2.92, 3.3), cell_temperatures=(57.5,))).discharge_current == pytest.approx(5.0)


@pytest.mark.parametrize("chemistry", Chemistry)
def test_a_half_full_battery_at_room_temperature_is_not_reduced(chemistry: Chemistry) -> None:
    nominal = {"lead_acid": 2.05, "lipo": 3.8}.get(chemistry, 3.7 if chemistry == "li_ion" else 3.2)
    cells = (2.3,) * 4 if chemistry is Chemistry.LTO else (nominal,) * 4
    found = limits(pack(cells=cells), settings=BatterySettings(chemistry=chemistry))
    assert found[1:] == (50.0, 100.0, (), ())


# Alarms of the device


@pytest.mark.parametrize(
    ("alarm", "charge", "discharge"),
    [
        (Alarm.CELL_OVERVOLTAGE, 0.0, 100.0),
        (Alarm.PACK_OVERVOLTAGE, 0.0, 100.0),
        (Alarm.CHARGE_OVERTEMPERATURE, 0.0, 100.0),
        (Alarm.CHARGE_UNDERTEMPERATURE, 0.0, 100.0),
        (Alarm.CHARGE_MOSFET_FAILURE, 0.0, 100.0),
        (Alarm.CELL_UNDERVOLTAGE, 50.0, 0.0),
        (Alarm.PACK_UNDERVOLTAGE, 50.0, 0.0),
        (Alarm.DISCHARGE_OVERTEMPERATURE, 50.0, 0.0),
        (Alarm.DISCHARGE_UNDERTEMPERATURE, 50.0, 0.0),
        (Alarm.DISCHARGE_MOSFET_FAILURE, 50.0, 0.0),
        (Alarm.SHORT_CIRCUIT, 50.0, 0.0),
        (Alarm.MOSFET_OVERTEMPERATURE, 0.0, 0.0),
        (Alarm.FRONT_END_FAILURE, 0.0, 0.0),
        (Alarm.PERMANENT_FAILURE, 0.0, 0.0),
    ],
)
def test_a_device_that_protects_itself_gets_no_current_that_way(
    alarm: Alarm, charge: float, discharge: float
) -> None:
    assert limits(pack(alarms=frozenset({alarm})))[1:4] == (charge, discharge, ("alarm",))


def test_alarms_that_say_nothing_about_a_direction_limit_nothing() -> None:
    alarms = frozenset({Alarm.SOFTWARE_LOCK, Alarm.CELL_IMBALANCE, Alarm.DISCHARGE_OVERCURRENT})
    assert limits(pack(alarms=alarms))[1:4] == (50.0, 100.0, ())
