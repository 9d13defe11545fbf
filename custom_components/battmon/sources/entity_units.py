"""What an entity may be named for, and the units that its number is converted from."""

from collections.abc import Mapping
from typing import NamedTuple

from homeassistant.const import (
    PERCENTAGE,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfPower,
    UnitOfTemperature,
    UnitOfVolume,
)
from homeassistant.util.unit_conversion import (
    BaseUnitConverter,
    ElectricCurrentConverter,
    ElectricPotentialConverter,
    PowerConverter,
    TemperatureConverter,
    VolumeConverter,
)

from ..model.switching import Wanted

DIGITS = 9
"""3300 mV are 3.3 V, not 3.3000000000000003."""


class Measure(NamedTuple):
    """The unit that a quantity has in BattMon, and what is converted into it."""

    unit: str
    converter: type[BaseUnitConverter] | None = None
    factors: Mapping[str, float] = {}
    """Of each unit, where Home Assistant converts none."""

    def takes(self, unit: str | None) -> bool:
        """Whether a number in this unit can be converted."""
        return unit in (self.factors if self.converter is None else self.converter.VALID_UNITS)

    def convert(self, number: float, unit: str) -> float:
        """Return a number in our unit, for a unit that it takes."""
        if self.converter is None:
            return round(number * self.factors[unit], DIGITS)
        return round(self.converter.convert(number, unit, self.unit), DIGITS)


VOLTAGE = Measure(UnitOfElectricPotential.VOLT, ElectricPotentialConverter)
PERCENT = Measure(PERCENTAGE, factors={PERCENTAGE: 1.0})
CHARGE = Measure("Ah", factors={"Ah": 1.0, "mAh": 1e-3})
VOLUME = Measure(UnitOfVolume.LITERS, VolumeConverter)
TEMPERATURE = Measure(UnitOfTemperature.CELSIUS, TemperatureConverter)

SINGLE = {
    "voltage": VOLTAGE,
    "current": Measure(UnitOfElectricCurrent.AMPERE, ElectricCurrentConverter),
    "power": Measure(UnitOfPower.WATT, PowerConverter),
    "state_of_charge": PERCENT,
    "remaining_capacity": CHARGE,
    "full_capacity": CHARGE,
    "load": PERCENT,
    "fuel_left": VOLUME,
    "fuel_used": VOLUME,
}
"""Quantities that one entity brings."""
SEVERAL = {
    "cell_voltages": VOLTAGE,
    "temperatures": TEMPERATURE,
    "mosfet_temperatures": TEMPERATURE,
}
"""Quantities that several entities bring, in order."""
MEASURES = SINGLE | SEVERAL
SWITCHES = Wanted._fields
"""What an entity that is on or off tells."""
