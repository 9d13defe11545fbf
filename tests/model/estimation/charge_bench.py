"""Feeds samples to the counting of charge, one after the other."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.cell import Cell, CellFigures
from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.estimation import charge as counting
from custom_components.battmon.model.estimation.charge import ChargeCounting, StateOfCharge
from custom_components.battmon.model.estimation.sample import Sample
from custom_components.battmon.model.estimation.settings import BatterySettings
from custom_components.battmon.model.estimation.span import Span
from custom_components.battmon.model.instant import Instant
from custom_components.battmon.model.reading import Reading

START = datetime(2026, 1, 1, tzinfo=UTC)
CELLS = 4
LIFEPO4 = BatterySettings(
    chemistry=Chemistry.LIFEPO4, cells=4, capacity=100.0, ignore_device_state_of_charge=True
)
LI_ION = BatterySettings(
    chemistry=Chemistry.LI_ION, cells=4, capacity=100.0, ignore_device_state_of_charge=True
)
PLAIN = BatterySettings(capacity=100.0, ignore_device_state_of_charge=True)
"""Of unknown chemistry: what goes in comes out."""


def _figures(lowest: float | None, mean: float | None, highest: float | None) -> CellFigures:
    if mean is None:
        return CellFigures()
    least, most = (mean if extreme is None else extreme for extreme in (lowest, highest))
    return CellFigures(Cell(1, least), Cell(2, most), mean)


@dataclass
class Bench:
    """A battery whose samples are simply said."""

    settings: BatterySettings = LIFEPO4
    charge: ChargeCounting = ChargeCounting()
    noise: float = 0.0
    temperature: float | None = 25.0
    time: float = 0.0
    previous: Reading | None = None
    reading: Reading = field(default_factory=Reading)

    def sample(
        self,
        current: float | None = 0.0,
        mean: float | None = 3.29,
        *,
        after: float = 10.0,
        gap: bool = False,
        lowest: float | None = None,
        highest: float | None = None,
        state_of_charge: float | None = None,
        full_capacity: float | None = None,
        remaining_capacity: float | None = None,
        voltage: float | None = None,
        charging_enabled: bool | None = None,
        alarms: frozenset[Alarm] | None = None,
    ) -> ChargeCounting:
        """Take one sample some seconds after the last; without `mean` the cells are not read."""
        self.time += after
        first = self.previous is None
        span = Span(
            self.now,
            None if gap or first else after,
            after if gap else 0.0,
        )
        self.reading = Reading(
            voltage=voltage,
            cell_voltages=None if mean is None else (mean,) * CELLS,
            current=current,
            state_of_charge=state_of_charge,
            full_capacity=full_capacity,
            remaining_capacity=remaining_capacity,
            charging_enabled=charging_enabled,
            alarms=alarms,
        )
        self.charge = counting.follow(
            self.charge,
            Sample(
                None if gap else self.previous,
                self.reading,
                span,
                _figures(lowest, mean, highest),
                self.temperature,
                self.noise,
            ),
            self.settings,
            resting_voltage=None,
        )
        self.previous = self.reading
        return self.charge

    def hold(
        self, seconds: float, current: float = 0.0, mean: float | None = 3.29, *, step: float = 10.0
    ) -> ChargeCounting:
        """Take the same sample for a time, after a first one that joins it to what was before."""
        self.sample(current, mean, after=1e-3)
        for _ in range(round(seconds / step)):
            self.sample(current, mean, after=step)
        return self.charge

    def set(self, percent: float) -> None:
        """Let a person say how full it is."""
        self.charge = counting.set_state_of_charge(self.charge, percent)

    @property
    def now(self) -> Instant:
        """The moment of the last sample."""
        return Instant(self.time, START + timedelta(seconds=self.time))

    @property
    def shown(self) -> StateOfCharge | None:
        """What is shown of the last sample."""
        return counting.state_of_charge(self.charge, self.reading, self.settings)

    @property
    def counted(self) -> float:
        """The counted state of charge in %, where there is one."""
        assert self.charge.counted is not None
        return self.charge.counted


def counting_at(percent: float, settings: BatterySettings = LIFEPO4) -> Bench:
    """Return a battery that counts from `percent` with an uncertainty of one point."""
    bench = Bench(settings)
    bench.set(percent)
    bench.sample()
    return bench
