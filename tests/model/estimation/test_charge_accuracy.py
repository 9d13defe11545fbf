"""The counted state of charge against the truth of a simulated battery."""

from dataclasses import dataclass, field
from functools import cache
from random import Random

import pytest

from custom_components.battmon.model.chemistry import FACTS, Chemistry
from custom_components.battmon.model.estimation.settings import BatterySettings
from simulators.battery import SimulatedBattery
from simulators.chemistry import LIFEPO4
from simulators.load import Constant

from .charge_bench import Bench
from .charge_truth import CAPACITY, CELLS, Sensor, TrueBattery, curve_of, household

pytestmark = pytest.mark.slow

STEP, LEAD_ACID_STEP = 60.0, 10.0
"""Seconds between samples. Peukert makes more of a load that is seen too late."""
DAYS = 8
ERRORS = [(gain, offset) for gain in (0.99, 1.01) for offset in (-0.05, 0.05)]
DEAD_BAND = 0.2
CHARGER = {Chemistry.LIPO: 4.20, Chemistry.LI_ION: 4.12, Chemistry.LIFEPO4: 3.50}
"""What a charger holds a cell at, in V, where it is not the charge voltage."""


@dataclass
class Run:
    """What was counted, beside the truth."""

    errors: list[float] = field(default_factory=list)
    """Counted minus true, in points, at every sample."""
    uncertainties: list[float] = field(default_factory=list)
    after_full: list[float] = field(default_factory=list)
    """Errors at the moment at which the battery was taken for full."""

    def note(self, bench: Bench, battery: TrueBattery) -> None:
        """Compare."""
        self.errors.append(bench.counted - battery.state_of_charge)
        self.uncertainties.append(bench.charge.uncertainty)

    @property
    def inside(self) -> float:
        """Share of the samples whose error is inside the uncertainty."""
        pairs = zip(self.errors, self.uncertainties, strict=True)
        return sum(abs(error) <= uncertainty for error, uncertainty in pairs) / len(self.errors)


@cache
def run(chemistry: Chemistry, seed: int) -> Run:
    """Take 40 Ah out a day, and fill the battery every second one."""
    random = Random(seed)
    sensor = Sensor(*ERRORS[seed % len(ERRORS)], DEAD_BAND)
    battery = TrueBattery(chemistry, curve_of(chemistry, random))
    settings = BatterySettings(
        chemistry=chemistry,
        cells=CELLS,
        capacity=CAPACITY,
        ignore_device_state_of_charge=True,
        device_dead_band=DEAD_BAND,
    )
    bench, result = Bench(settings), Run()
    bench.set(100.0)
    step = LEAD_ACID_STEP if chemistry is Chemistry.LEAD_ACID else STEP
    limit = CHARGER.get(chemistry, FACTS[chemistry].charge_voltage)
    charging = round(8 * 3600 / step)
    for day in range(DAYS):
        demands = [-current for current in household(random, step)]
        # Every second day the sun gives 30 Ah, on the others until the battery is full.
        full, taken_for_full = day % 2 == 1, False
        given = 30.0 / battery.efficiency / 20.0 * 3600 / step
        demands += [20.0 if full or place < given else 0.0 for place in range(charging)]
        for demand in demands:
            battery.advance(step, demand, limit)
            bench.sample(sensor.measure(battery.current), battery.cell, after=step)
            result.note(bench, battery)
            if full and not taken_for_full and bench.counted == 100.0:
                result.after_full.append(result.errors[-1])
                taken_for_full = True
    return result


RUNS = [(chemistry, seed) for chemistry in Chemistry for seed in range(len(ERRORS))]


@pytest.mark.parametrize(("chemistry", "seed"), RUNS)
def test_between_full_charges_it_is_within_five_points(chemistry: Chemistry, seed: int) -> None:
    assert max(map(abs, run(chemistry, seed).errors)) <= 5.0


@pytest.mark.parametrize(("chemistry", "seed"), RUNS)
def test_it_is_inside_its_own_uncertainty_95_percent_of_the_time(chemistry: Chemistry, seed: int) -> None:
    assert run(chemistry, seed).inside >= 0.95


@pytest.mark.parametrize(("chemistry", "seed"), RUNS)
def test_after_a_full_charge_it_is_within_one_point(chemistry: Chemistry, seed: int) -> None:
    after_full = run(chemistry, seed).after_full
    assert len(after_full) == DAYS // 2
    assert max(map(abs, after_full)) <= 1.0


def test_it_holds_for_a_string_of_unlike_cells() -> None:
    """The simulated battery of the demo, in steps of a second."""
    battery = SimulatedBattery(3, CAPACITY, chemistry=LIFEPO4, state_of_charge=70.0, seed=5)
    sensor = Sensor(1.01, -0.05, DEAD_BAND)
    bench = Bench(BatterySettings(chemistry=Chemistry.LIFEPO4, capacity=CAPACITY, device_dead_band=DEAD_BAND))
    bench.set(battery.state_of_charge)
    errors = []
    for amperes, hours in ((25.0, 1.8), (-20.0, 2.0), (25.0, 2.2)):
        battery.load = Constant(amperes, charge_voltage=3.5 * 3)
        for _ in range(round(hours * 360)):
            battery.advance(10.0)
            cells = battery.cell_voltages
            bench.sample(
                sensor.measure(battery.current), sum(cells) / 3, lowest=min(cells), highest=max(cells)
            )
            errors.append(bench.counted - min(100.0, battery.state_of_charge))
            assert abs(errors[-1]) <= bench.charge.uncertainty
        assert (bench.counted == 100.0) is (amperes > 0)
    assert max(map(abs, errors)) <= 1.5
    assert abs(errors[-1]) <= 1.0
