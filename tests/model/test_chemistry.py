"""The facts of each chemistry, typed again from rules 1 to 3, and the open-circuit curves."""

from dataclasses import fields
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.battmon.model.chemistry import FACTS, Band, Chemistry, ChemistryFacts

chemistries = st.sampled_from(Chemistry)
percentages = st.floats(0, 100)

VOLTAGES = {
    # nominal, low, critical, charge, float, full-sync, high, critical high
    "lifepo4": (3.2, 3.0, 2.8, 3.45, 3.35, 3.45, 3.60, 3.65),
    "li_ion": (3.6, 3.3, 3.0, 4.10, 4.05, 4.10, 4.20, 4.25),
    "lipo": (3.7, 3.5, 3.2, 4.20, None, 4.18, 4.22, 4.25),
    "lead_acid": (2.0, 1.95, 1.80, 2.40, 2.25, 2.35, 2.45, 2.50),
    "lto": (2.3, 2.0, 1.8, 2.70, 2.50, 2.65, 2.75, 2.85),
    "sodium_ion": (3.1, 2.3, 2.0, 3.95, None, 3.90, 4.0, 4.1),
}
TEMPERATURES = {
    # charge cold, charge hot, discharge cold, discharge hot; each warning and critical
    "lifepo4": ((3, 0), (45, 55), (-15, -20), (55, 60)),
    "li_ion": ((5, 0), (45, 50), (-15, -20), (55, 60)),
    "lipo": ((5, 0), (45, 50), (-15, -20), (55, 60)),
    "lead_acid": ((-10, -20), (45, 50), (-15, -20), (55, 60)),
    "lto": ((-20, -30), (50, 55), (-25, -30), (55, 60)),
    "sodium_ion": ((-5, -10), (45, 55), (-15, -20), (55, 60)),
}
OTHERS = {
    # clearing margin, float V per degC, charge efficiency, Peukert, rest time, rest sigma, full tail
    "lifepo4": (0.10, 0.0, 0.99, 1.0, 7200, 0.010, 0.04),
    "li_ion": (0.10, 0.0, 0.99, 1.0, 1800, 0.005, 0.04),
    "lipo": (0.10, 0.0, 0.99, 1.0, 1800, 0.005, 0.04),
    "lead_acid": (0.10, -0.004, 0.88, 1.2, 14400, 0.005, 0.02),
    "lto": (0.08, 0.0, 0.99, 1.0, 1800, 0.005, 0.04),
    "sodium_ion": (0.15, 0.0, 0.98, 1.0, 7200, 0.005, 0.04),
}


@pytest.mark.parametrize("name", VOLTAGES)
def test_voltages_are_those_of_the_rules(name: str) -> None:
    facts = FACTS[Chemistry(name)]
    assert VOLTAGES[name] == (
        facts.nominal_voltage,
        facts.low_voltage,
        facts.critical_voltage,
        facts.charge_voltage,
        facts.float_voltage,
        facts.full_voltage,
        facts.high_voltage,
        facts.critical_high_voltage,
    )


@pytest.mark.parametrize("name", TEMPERATURES)
def test_temperatures_are_those_of_the_rules(name: str) -> None:
    facts = FACTS[Chemistry(name)]
    found = (facts.charge_cold, facts.charge_hot, facts.discharge_cold, facts.discharge_hot)
    assert found == TEMPERATURES[name]
    assert all(isinstance(band, Band) for band in found)


@pytest.mark.parametrize("name", OTHERS)
def test_everything_else_is_as_in_the_rules_or_as_decided_there(name: str) -> None:
    facts = FACTS[Chemistry(name)]
    assert OTHERS[name] == (
        facts.clearing_margin,
        facts.float_temperature_coefficient,
        facts.charge_efficiency,
        facts.peukert,
        facts.rest_time,
        facts.rest_sigma,
        facts.full_tail,
    )


def test_every_chemistry_has_its_facts_and_every_fact_is_checked_here() -> None:
    assert set(FACTS) == set(Chemistry) == {Chemistry(name) for name in VOLTAGES}
    assert len(fields(ChemistryFacts)) == 8 + 4 + 7 + 1


def test_facts_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        FACTS[Chemistry.LTO] = FACTS[Chemistry.LIPO]  # type: ignore[index]
    with pytest.raises(AttributeError):
        FACTS[Chemistry.LTO].nominal_voltage = 2.4  # type: ignore[misc]


@pytest.mark.parametrize("chemistry", Chemistry)
def test_voltages_are_in_order(chemistry: Chemistry) -> None:
    facts = FACTS[chemistry]
    rising = (
        facts.critical_voltage,
        facts.low_voltage,
        facts.nominal_voltage,
        facts.full_voltage,
        facts.high_voltage,
        facts.critical_high_voltage,
    )
    assert all(lower < higher for lower, higher in pairwise(rising))
    assert facts.full_voltage <= facts.charge_voltage < facts.high_voltage
    assert facts.float_voltage is None or facts.nominal_voltage < facts.float_voltage < facts.charge_voltage


@pytest.mark.parametrize("chemistry", Chemistry)
def test_charging_ends_sooner_than_discharging_in_the_cold_and_in_the_heat(chemistry: Chemistry) -> None:
    facts = FACTS[chemistry]
    assert facts.charge_cold.critical < facts.charge_cold.warning
    assert facts.discharge_cold.critical < facts.discharge_cold.warning < facts.charge_cold.warning
    assert facts.charge_hot.warning < facts.charge_hot.critical
    assert facts.charge_hot.warning < facts.discharge_hot.warning < facts.discharge_hot.critical


@pytest.mark.parametrize("chemistry", Chemistry)
def test_a_curve_rises_strictly_from_0_to_100_percent(chemistry: Chemistry) -> None:
    curve = FACTS[chemistry].open_circuit_curve
    assert len(curve) >= 11
    assert (curve[0][0], curve[-1][0]) == (0, 100)
    for (share, voltage), (more, higher) in pairwise(curve):
        assert share < more
        assert voltage < higher


@pytest.mark.parametrize("chemistry", Chemistry)
def test_a_curve_lies_between_an_empty_and_an_overfull_cell(chemistry: Chemistry) -> None:
    facts = FACTS[chemistry]
    assert facts.open_circuit_voltage(0) <= facts.low_voltage
    assert facts.nominal_voltage < facts.open_circuit_voltage(100) <= facts.critical_high_voltage
    assert abs(facts.open_circuit_voltage(50) - facts.nominal_voltage) < 0.15


@given(chemistries, percentages)
def test_a_state_of_charge_is_found_again_from_its_resting_voltage(
    chemistry: Chemistry, percent: float
) -> None:
    facts = FACTS[chemistry]
    assert facts.state_of_charge_at(facts.open_circuit_voltage(percent)) == pytest.approx(percent, abs=1e-6)


@given(chemistries, percentages)
def test_a_resting_voltage_is_found_again_from_its_state_of_charge(
    chemistry: Chemistry, percent: float
) -> None:
    facts = FACTS[chemistry]
    low, high = facts.open_circuit_voltage(0), facts.open_circuit_voltage(100)
    voltage = low + (high - low) * percent / 100
    assert facts.open_circuit_voltage(facts.state_of_charge_at(voltage)) == pytest.approx(voltage, abs=1e-9)


@given(chemistries, percentages, percentages)
def test_more_charge_never_means_less_voltage(chemistry: Chemistry, one: float, other: float) -> None:
    facts = FACTS[chemistry]
    low, high = sorted((one, other))
    assert facts.open_circuit_voltage(low) <= facts.open_circuit_voltage(high)


@given(chemistries, st.floats(allow_nan=False))
def test_no_voltage_is_a_state_of_charge_beyond_empty_and_full(chemistry: Chemistry, voltage: float) -> None:
    facts = FACTS[chemistry]
    assert 0 <= facts.state_of_charge_at(voltage) <= 100
    assert facts.state_of_charge_at(facts.open_circuit_voltage(0) - 1) == 0
    assert facts.state_of_charge_at(facts.open_circuit_voltage(100) + 1) == 100


@given(chemistries, st.floats(allow_nan=False))
def test_no_state_of_charge_rests_beyond_the_ends_of_the_curve(chemistry: Chemistry, percent: float) -> None:
    facts = FACTS[chemistry]
    voltage = facts.open_circuit_voltage(percent)
    assert facts.open_circuit_curve[0][1] <= voltage <= facts.open_circuit_curve[-1][1]


@given(chemistries, st.floats(0.1, 99.9))
def test_the_slope_is_that_of_the_curve(chemistry: Chemistry, percent: float) -> None:
    facts = FACTS[chemistry]
    ends = (facts.slope(percent - 0.01), facts.slope(percent + 0.01))
    rise = (facts.open_circuit_voltage(percent + 0.01) - facts.open_circuit_voltage(percent - 0.01)) / 0.02
    assert min(ends) - 1e-9 <= rise <= max(ends) + 1e-9


@given(chemistries, st.floats(-10, 110))
def test_the_slope_is_never_flat_enough_to_divide_by_nothing(chemistry: Chemistry, percent: float) -> None:
    assert FACTS[chemistry].slope(percent) > 1e-4


@pytest.mark.parametrize("chemistry", Chemistry)
def test_beyond_its_ends_a_curve_is_as_steep_as_there(chemistry: Chemistry) -> None:
    facts = FACTS[chemistry]
    assert (facts.slope(-1), facts.slope(101)) == (facts.slope(0), facts.slope(100))


@given(st.floats(20, 89.99))
def test_on_the_plateau_of_lifepo4_rest_says_no_more_than_a_count_that_is_11_points_off(
    percent: float,
) -> None:
    """The rest rule asks for a sigma in points of less than half the uncertainty."""
    facts = FACTS[Chemistry.LIFEPO4]
    assert facts.rest_sigma / facts.slope(percent) > 11 / 2


@pytest.mark.parametrize("chemistry", [name for name in Chemistry if name is not Chemistry.LIFEPO4])
def test_half_full_every_other_chemistry_is_told_by_its_voltage_at_rest(chemistry: Chemistry) -> None:
    facts = FACTS[chemistry]
    assert facts.rest_sigma / facts.slope(50) < 3


@pytest.mark.parametrize(
    ("chemistry", "percent", "voltage"),
    [
        (Chemistry.LEAD_ACID, 100, 12.73 / 6),  # as makers print them, for 12 V
        (Chemistry.LEAD_ACID, 50, 12.10 / 6),
        (Chemistry.LIPO, 50, 3.84),
        (Chemistry.LTO, 50, 2.224),
        (Chemistry.LI_ION, 50, 3.73),
        (Chemistry.LIFEPO4, 60, 3.29),
    ],
)
def test_a_curve_goes_through_its_source(chemistry: Chemistry, percent: float, voltage: float) -> None:
    assert FACTS[chemistry].open_circuit_voltage(percent) == pytest.approx(voltage, abs=0.002)
