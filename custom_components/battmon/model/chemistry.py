"""What is known of a cell by its chemistry (rules 1, 2 and 3)."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from operator import itemgetter
from types import MappingProxyType
from typing import NamedTuple


class Chemistry(StrEnum):
    """A person names it; no device says it reliably."""

    LIFEPO4 = "lifepo4"
    LI_ION = "li_ion"
    LIPO = "lipo"
    LEAD_ACID = "lead_acid"
    LTO = "lto"
    SODIUM_ION = "sodium_ion"


class Band(NamedTuple):
    """Where a temperature begins to harm, in degC."""

    warning: float
    critical: float


type Curve = tuple[tuple[float, float], ...]
"""Points of (state of charge in %, V a cell at rest), both strictly rising, from 0 to 100 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChemistryFacts:
    """Voltages in V a cell, temperatures in degC, rates in C (the full capacity in Ah, as a current in A)."""

    nominal_voltage: float
    low_voltage: float
    critical_voltage: float
    charge_voltage: float
    """The highest to charge to."""
    float_voltage: float | None
    """At 25 degC; `None` where a charged cell is not to be held at a voltage."""
    float_temperature_coefficient: float = 0.0
    """How `float_voltage` changes, in V per degC above 25."""
    full_voltage: float
    """A mean cell at or above it may be full."""
    high_voltage: float
    critical_high_voltage: float
    clearing_margin: float = 0.10
    """How far beyond its threshold a voltage has to be before a level clears."""
    charge_cold: Band
    charge_hot: Band
    discharge_cold: Band = Band(-15.0, -20.0)
    discharge_hot: Band = Band(55.0, 60.0)
    charge_efficiency: float = 0.99
    """The part of the charge put in that comes out again."""
    peukert: float = 1.0
    """Peukert's exponent: by how much a large current takes more out than its Ah."""
    rest_time: float
    """How long the current has to be small before the voltage is that of rest, in s."""
    rest_sigma: float = 0.005
    """Standard deviation of the resting voltage from the curve."""
    full_tail: float = 0.04
    """The largest charge current of a full cell at `full_voltage`, in C."""
    open_circuit_curve: Curve

    def open_circuit_voltage(self, state_of_charge: float) -> float:
        """Return the resting voltage at a state of charge in %; outside 0 to 100 that of the nearer end."""
        (low, voltage), (high, above) = self._segment(0, state_of_charge)
        part = (min(max(state_of_charge, low), high) - low) / (high - low)
        return voltage + part * (above - voltage)

    def state_of_charge_at(self, voltage: float) -> float:
        """Return the state of charge in % at which a cell rests at `voltage`, from 0 to 100."""
        (state_of_charge, low), (above, high) = self._segment(1, voltage)
        part = (min(max(voltage, low), high) - low) / (high - low)
        return state_of_charge + part * (above - state_of_charge)

    def slope(self, state_of_charge: float) -> float:
        """Return by how much the resting voltage rises, in V per point of state of charge."""
        (low, voltage), (high, above) = self._segment(0, state_of_charge)
        return (above - voltage) / (high - low)

    def _segment(self, axis: int, value: float) -> tuple[tuple[float, float], tuple[float, float]]:
        curve = self.open_circuit_curve
        index = min(max(bisect_right(curve, value, key=itemgetter(axis)), 1), len(curve) - 1)
        return curve[index - 1], curve[index]


# The curves are of typical new cells near 25 degC, no measurement of the battery in question.

# fmt: off
LIFEPO4_CURVE: Curve = (
    (0, 2.50), (2, 2.90), (5, 3.10), (10, 3.188), (15, 3.204), (20, 3.230), (30, 3.248), (40, 3.263),
    (50, 3.277), (60, 3.290), (70, 3.302), (80, 3.315), (90, 3.325), (95, 3.331), (98, 3.345), (100, 3.400),
)
"""Between two published curves that differ by 20 to 40 mV on the plateau: Lithium Werks APR18650M1B, mean of
charge and discharge at C/32 (Sunil, Pattipati, Balasingam, "Piecewise Linear Approximation of Battery
Open-Circuit Voltage Characteristics Using Dynamic Programming", IEEE Trans. Instrum. Meas., 2025), and the
typical one of Libre Solar's BMS firmware (Apache-2.0). From 20 to 90 % it is drawn nearly straight, for every
make has its small steps elsewhere. 0 % is the usual end of discharge."""

LI_ION_CURVE: Curve = (
    (0, 3.000), (2, 3.108), (5, 3.208), (10, 3.301), (15, 3.365), (20, 3.424), (30, 3.556), (40, 3.648),
    (50, 3.731), (60, 3.812), (70, 3.887), (80, 3.974), (85, 4.027), (90, 4.067), (95, 4.084), (100, 4.100),
)
"""Measured: Sony US18650VTC6, mean of charge and discharge at C/20, published by its measurer
(github.com/derlucae98/US18650VTC6_OCV_SOC_Curve), with 0 and 100 % moved to the critical and the full voltage
of this chemistry, for counting calls them empty and full (2.8 and 92.6 % of the cell from 2.5 to 4.2 V)."""

LIPO_CURVE: Curve = (
    (0, 3.27), (5, 3.61), (10, 3.69), (15, 3.71), (20, 3.73), (25, 3.75), (30, 3.77), (35, 3.79),
    (40, 3.80), (45, 3.82), (50, 3.84), (55, 3.85), (60, 3.87), (65, 3.91), (70, 3.95), (75, 3.98),
    (80, 4.02), (85, 4.08), (90, 4.11), (95, 4.15), (100, 4.20),
)
"""Typical, of unknown origin: the chart of a resting LiPo cell that makers and hobbyists publish alike."""

LEAD_ACID_CURVE: Curve = (
    (0, 1.893), (10, 1.918), (20, 1.943), (30, 1.969), (40, 1.993), (50, 2.017), (60, 2.040), (70, 2.062),
    (80, 2.083), (90, 2.103), (100, 2.122),
)
"""Flooded deep-cycle cells: the table of state of charge by open-circuit voltage in Trojan Battery's user's
guide, which ends at 10 %; 0 % is its straight continuation. Sealed cells rest some 20 to 40 mV higher."""

LTO_CURVE: Curve = (
    (0, 2.000), (5, 2.105), (10, 2.125), (15, 2.141), (20, 2.154), (25, 2.166), (30, 2.177), (35, 2.187),
    (40, 2.198), (45, 2.210), (50, 2.224), (55, 2.240), (60, 2.259), (65, 2.282), (70, 2.309), (75, 2.340),
    (80, 2.376), (85, 2.415), (90, 2.458), (95, 2.513), (100, 2.650),
)
"""A high-power cell of titanate against an oxide of nickel, manganese and cobalt: Batteries 2019, 5(1), 31
(doi.org/10.3390/batteries5010031), as tabulated in Libre Solar's BMS firmware (Apache-2.0); 100 % there is
2.800 V, moved to what counting calls full."""

SODIUM_ION_CURVE: Curve = (
    (0, 2.000), (5, 2.274), (10, 2.462), (15, 2.578), (20, 2.639), (25, 2.674), (30, 2.707), (35, 2.772),
    (40, 2.859), (45, 2.948), (50, 3.037), (55, 3.129), (60, 3.220), (65, 3.301), (70, 3.381), (75, 3.460),
    (80, 3.545), (85, 3.634), (90, 3.724), (95, 3.812), (100, 3.900),
)
"""Derived, not measured at rest: one discharge of a Hakadi 18650 (layered oxide, hard carbon) at 0.5 C,
published by its measurer (github.com/MaxMax-embedded/hakadi_soidum_ion_18650), raised by what 45 mOhm, seen
in the same data, took off; 0 and 100 % are critical and full voltage of this chemistry, as for Li-ion.
What diffusion took off is missing: at rest a cell may be some 20 mV higher, which here is about a point."""
# fmt: on

FACTS: Mapping[Chemistry, ChemistryFacts] = MappingProxyType(
    {
        Chemistry.LIFEPO4: ChemistryFacts(
            nominal_voltage=3.2,
            low_voltage=3.0,
            critical_voltage=2.8,
            charge_voltage=3.45,
            float_voltage=3.35,
            full_voltage=3.45,
            high_voltage=3.60,
            critical_high_voltage=3.65,
            charge_cold=Band(3.0, 0.0),
            charge_hot=Band(45.0, 55.0),
            rest_time=7200.0,
            rest_sigma=0.010,
            open_circuit_curve=LIFEPO4_CURVE,
        ),
        Chemistry.LI_ION: ChemistryFacts(
            nominal_voltage=3.6,
            low_voltage=3.3,
            critical_voltage=3.0,
            charge_voltage=4.10,
            float_voltage=4.05,
            full_voltage=4.10,
            high_voltage=4.20,
            critical_high_voltage=4.25,
            charge_cold=Band(5.0, 0.0),
            charge_hot=Band(45.0, 50.0),
            rest_time=1800.0,
            open_circuit_curve=LI_ION_CURVE,
        ),
        Chemistry.LIPO: ChemistryFacts(
            nominal_voltage=3.7,
            low_voltage=3.5,
            critical_voltage=3.2,
            charge_voltage=4.20,
            float_voltage=None,
            full_voltage=4.18,
            high_voltage=4.22,
            critical_high_voltage=4.25,
            charge_cold=Band(5.0, 0.0),
            charge_hot=Band(45.0, 50.0),
            rest_time=1800.0,
            open_circuit_curve=LIPO_CURVE,
        ),
        Chemistry.LEAD_ACID: ChemistryFacts(
            nominal_voltage=2.0,
            low_voltage=1.95,
            critical_voltage=1.80,
            charge_voltage=2.40,
            float_voltage=2.25,
            float_temperature_coefficient=-0.004,
            full_voltage=2.35,
            high_voltage=2.45,
            critical_high_voltage=2.50,
            charge_cold=Band(-10.0, -20.0),
            charge_hot=Band(45.0, 50.0),
            charge_efficiency=0.88,
            peukert=1.2,
            rest_time=14400.0,
            full_tail=0.02,
            open_circuit_curve=LEAD_ACID_CURVE,
        ),
        Chemistry.LTO: ChemistryFacts(
            nominal_voltage=2.3,
            low_voltage=2.0,
            critical_voltage=1.8,
            charge_voltage=2.70,
            float_voltage=2.50,
            full_voltage=2.65,
            high_voltage=2.75,
            critical_high_voltage=2.85,
            clearing_margin=0.08,
            charge_cold=Band(-20.0, -30.0),
            charge_hot=Band(50.0, 55.0),
            discharge_cold=Band(-25.0, -30.0),
            # Titanate has one plateau and hardly any hysteresis: the cathode, that of Li-ion, sets the pace.
            rest_time=1800.0,
            open_circuit_curve=LTO_CURVE,
        ),
        Chemistry.SODIUM_ION: ChemistryFacts(
            nominal_voltage=3.1,
            low_voltage=2.3,
            critical_voltage=2.0,
            charge_voltage=3.95,
            float_voltage=None,
            full_voltage=3.90,
            high_voltage=4.0,
            critical_high_voltage=4.1,
            clearing_margin=0.15,
            charge_cold=Band(-5.0, -10.0),
            charge_hot=Band(45.0, 55.0),
            charge_efficiency=0.98,
            # Sodium settles slowly in hard carbon; waiting too long only costs a correction.
            rest_time=7200.0,
            open_circuit_curve=SODIUM_ION_CURVE,
        ),
    }
)
