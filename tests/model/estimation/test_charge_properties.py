"""What counting never does, whatever it is given (rules 3)."""

import json
from dataclasses import replace
from datetime import datetime
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.estimation.anchors import Timers
from custom_components.battmon.model.estimation.capacity import Swing
from custom_components.battmon.model.estimation.charge import ChargeCounting, Origin, StateOfCharge
from custom_components.battmon.model.estimation.settings import BatterySettings

from .charge_bench import LIFEPO4, START, Bench

pytestmark = pytest.mark.slow

anything = st.none() | st.floats()
currents = st.none() | st.floats(-300.0, 300.0) | st.sampled_from([0.0, 1.0, -1.0])
cells = st.none() | st.floats(0.0, 5.0) | st.sampled_from([2.7, 2.8, 3.0, 3.29, 3.46, 4.12])
settings = st.builds(
    BatterySettings,
    chemistry=st.none() | st.sampled_from(Chemistry),
    cells=st.none() | st.integers(1, 16),
    capacity=st.none() | st.floats(0.5, 1000.0),
    ignore_device_state_of_charge=st.booleans(),
    device_dead_band=st.sampled_from([0.0, 0.2]),
    current_is_unsigned=st.booleans(),
)
samples = st.fixed_dictionaries(
    {"current": currents | anything, "mean": cells | anything, "after": st.floats(0.1, 20_000.0)},
    optional={
        "gap": st.booleans(),
        "state_of_charge": anything,
        "full_capacity": anything,
        "lowest": cells,
        "highest": cells,
        "voltage": anything,
    },
)
flows = st.lists(st.tuples(st.floats(-50.0, 50.0), cells, st.floats(0.1, 3000.0)), min_size=1, max_size=20)


@given(settings, st.lists(samples, min_size=1, max_size=20))
def test_it_stays_between_0_and_100_with_an_uncertainty_that_is_one(
    chosen: BatterySettings, given_samples: list[dict[str, Any]]
) -> None:
    bench = Bench(chosen)
    for sample in given_samples:
        charge = bench.sample(**sample)
        assert 0.0 <= charge.uncertainty <= 100.0
        assert charge.learned_capacity is None or charge.learned_capacity > 0.0
        shown = bench.shown
        assert shown is None or 0.0 <= shown.value <= 100.0
        assert shown is None or shown.origin is not Origin.COUNTED or not chosen.current_is_unsigned


@given(st.sampled_from(Chemistry), flows)
def test_uncertainty_falls_only_where_the_battery_shows_itself(
    chemistry: Chemistry, flow: list[tuple[float, float | None, float]]
) -> None:
    """Cells of 3.29 V say nothing of LiFePO4, and nothing is read of the others."""
    bench = Bench(replace(LIFEPO4, chemistry=chemistry, cells=None))
    bench.set(50.0)
    uncertainty = bench.charge.uncertainty
    for current, _, after in flow:
        mean = 3.29 if chemistry is Chemistry.LIFEPO4 else None
        charge = bench.sample(current, mean, after=after)
        assert charge.uncertainty >= uncertainty
        uncertainty = charge.uncertainty


@given(
    st.sampled_from([chemistry for chemistry in Chemistry if chemistry is not Chemistry.LEAD_ACID]),
    st.floats(0.0, 100.0),
    st.floats(-100.0, 100.0),
    st.floats(-100.0, 100.0),
    st.floats(1.0, 3600.0),
    st.floats(0.01, 0.99),
)
def test_cutting_a_span_in_two_changes_nothing(
    chemistry: Chemistry, percent: float, before: float, after: float, seconds: float, cut: float
) -> None:
    whole, parts = Bench(replace(LIFEPO4, chemistry=chemistry)), Bench(replace(LIFEPO4, chemistry=chemistry))
    for bench in (whole, parts):
        bench.set(percent)
        bench.sample(before, None)
    whole.sample(after, None, after=seconds)
    parts.sample(before + cut * (after - before), None, after=cut * seconds)
    parts.sample(after, None, after=(1 - cut) * seconds)
    assert parts.counted == pytest.approx(whole.counted, abs=1e-9)
    assert parts.charge.uncertainty == pytest.approx(whole.charge.uncertainty, abs=1e-9)


@given(
    st.sampled_from(Chemistry), st.floats(-100.0, 100.0), st.floats(1.0, 3600.0), st.floats(0.01, 0.99), cells
)
def test_cutting_a_span_of_steady_current_in_two_changes_nothing_at_all(
    chemistry: Chemistry, current: float, seconds: float, cut: float, mean: float | None
) -> None:
    whole, parts = Bench(replace(LIFEPO4, chemistry=chemistry)), Bench(replace(LIFEPO4, chemistry=chemistry))
    for bench in (whole, parts):
        bench.set(50.0)
        bench.sample(current, mean)
    whole.sample(current, mean, after=seconds)
    parts.sample(current, mean, after=cut * seconds)
    parts.sample(current, mean, after=(1 - cut) * seconds)
    assert numbers(parts.charge) == pytest.approx(numbers(whole.charge), abs=1e-6)


@given(settings, st.lists(samples, min_size=2, max_size=12), st.integers(1, 11))
def test_what_is_remembered_goes_on_from_a_plain_copy(
    chosen: BatterySettings, given_samples: list[dict[str, Any]], cut: int
) -> None:
    straight, restored = Bench(chosen), Bench(chosen)
    for number, sample in enumerate(given_samples):
        straight.sample(**sample)
        if number == cut:
            restored.charge = from_plain(json.loads(json.dumps(plain(restored.charge))))
        restored.sample(**sample)
    assert repr(restored.charge) == repr(straight.charge)


def numbers(charge: ChargeCounting) -> list[float]:
    """Return all numbers that are remembered; -1 for one that is not known."""
    values = (*charge, *charge.timers, *(charge.swing or ()))
    return [value or -1.0 for value in values if value is None or isinstance(value, float)]


def plain(value: object) -> object:
    """Return what a file takes."""
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def from_plain(parts: list[Any]) -> ChargeCounting:
    """Return what a file held."""
    charge = ChargeCounting(*parts)
    by_voltage = charge.by_voltage
    return charge._replace(
        last_full_at=None if charge.last_full_at is None else datetime.fromisoformat(parts[6]),
        swing=None if charge.swing is None else Swing(*charge.swing),
        timers=Timers(*charge.timers),
        by_voltage=by_voltage and StateOfCharge(by_voltage[0], Origin(by_voltage[1]), by_voltage[2]),
    )


def test_a_plain_copy_brings_everything_back() -> None:
    charge = ChargeCounting(
        50.0, 3.0, 2.0, 3600.0, 100.0, 92.0, START, Swing(100.0, -50.0, 1.0), Timers(1.0, 3.4, None, 5.0),
        StateOfCharge(40.0, Origin.VOLTAGE, 5.0),
    )  # fmt: skip
    assert from_plain(json.loads(json.dumps(plain(charge)))) == charge
