"""A battery as converters see it: what they measure has noise, what happens in it has none."""

from random import Random
from typing import Any, override

from .battery import SimulatedBattery


class NoisyBattery(SimulatedBattery):
    """Draws noise anew whenever time passes. `cell_voltages` are without it."""

    def __init__(
        self, *arguments: Any, cell_noise: float, current_noise: float, seed: int = 0, **options: Any
    ) -> None:
        """Standard deviations of every cell voltage in V, and of the current in A."""
        super().__init__(*arguments, seed=seed, **options)
        self._cell_noise = cell_noise
        self._current_noise = current_noise
        self._random = Random(seed)
        self._of_current = 0.0
        self._of_cells = (0.0,) * len(self.cells)

    @property
    @override
    def current(self) -> float:
        """Current through the terminals as it is measured, in A."""
        return super().current + self._of_current

    @property
    @override
    def sensed_cell_voltages(self) -> tuple[float, ...]:
        """What the sense wires show as it is measured, in V: 0 where one is broken."""
        sensed = super().sensed_cell_voltages
        return tuple(volts and volts + noise for volts, noise in zip(sensed, self._of_cells, strict=True))

    @property
    @override
    def terminal_voltage(self) -> float:
        """Voltage of the string as it is measured, in V."""
        return super().terminal_voltage + sum(self._of_cells)

    @override
    def advance(self, seconds: float) -> None:
        super().advance(seconds)
        gauss = self._random.gauss
        self._of_current = gauss(0.0, self._current_noise)
        self._of_cells = tuple(gauss(0.0, self._cell_noise) for _ in self.cells)
