"""Open-circuit curves of cells at 25 degC, one table a chemistry.

The tables have the characteristic shape of each chemistry, drawn for this simulator: end points and nominal
voltages are the usual ones, no table is the measured curve of a particular cell. The outermost rows lie
outside 0-100 %, where the voltage runs away as in an abused cell, so that protections can trip.
"""

from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chemistry:
    """What one cell of a kind does, whatever its size."""

    name: str
    curve: tuple[tuple[float, float], ...]
    """Rows of state of charge (1 = full) and open-circuit voltage in V, rising in both."""
    hysteresis: float
    """Half the distance between the resting voltages after charging and after discharging, in V."""
    charge_voltage: float
    """What a charger holds a cell at, in V."""
    charge_efficiency: float
    """Share of the charge put in that is stored."""

    def open_circuit_voltage(self, state_of_charge: float) -> float:
        """Voltage of a rested cell, in V; beyond the table its outermost slope goes on, and never below 0."""
        index = bisect_right(self.curve, (state_of_charge, 0.0))
        index = min(max(index, 1), len(self.curve) - 1)
        (low, low_voltage), (high, high_voltage) = self.curve[index - 1], self.curve[index]
        slope = (high_voltage - low_voltage) / (high - low)
        return max(0.0, low_voltage + (state_of_charge - low) * slope)


LIFEPO4 = Chemistry(
    "lifepo4",
    # Two flat plateaus with a step near 65 %, a steep foot below 10 % and a knee above 97 %.
    (
        (-0.05, 1.00),
        (0.0, 2.50),
        (0.02, 2.80),
        (0.05, 3.00),
        (0.10, 3.14),
        (0.15, 3.19),
        (0.20, 3.22),
        (0.30, 3.25),
        (0.40, 3.275),
        (0.50, 3.285),
        (0.60, 3.29),
        (0.65, 3.305),
        (0.70, 3.32),
        (0.80, 3.325),
        (0.90, 3.33),
        (0.95, 3.335),
        (0.97, 3.345),
        (0.985, 3.38),
        (1.0, 3.45),
        (1.02, 3.75),
        (1.05, 4.30),
    ),  # fmt: skip
    hysteresis=0.012,
    charge_voltage=3.45,
    charge_efficiency=0.995,
)
LI_ION = Chemistry(
    "li_ion",
    # NMC against graphite: sloping throughout, steep below 10 %.
    (
        (-0.05, 1.50),
        (0.0, 2.80),
        (0.05, 3.30),
        (0.10, 3.45),
        (0.20, 3.55),
        (0.30, 3.61),
        (0.40, 3.65),
        (0.50, 3.71),
        (0.60, 3.79),
        (0.70, 3.88),
        (0.80, 3.97),
        (0.90, 4.06),
        (1.0, 4.18),
        (1.05, 4.40),
    ),  # fmt: skip
    hysteresis=0.003,
    charge_voltage=4.10,
    charge_efficiency=0.995,
)
LIPO = Chemistry(
    "lipo",
    # Cobalt oxide pouch cells: as NMC but higher in the lower half.
    (
        (-0.05, 2.00),
        (0.0, 3.27),
        (0.05, 3.61),
        (0.10, 3.69),
        (0.20, 3.73),
        (0.30, 3.77),
        (0.40, 3.80),
        (0.50, 3.84),
        (0.60, 3.87),
        (0.70, 3.95),
        (0.80, 4.02),
        (0.90, 4.11),
        (1.0, 4.20),
        (1.05, 4.42),
    ),  # fmt: skip
    hysteresis=0.003,
    charge_voltage=4.20,
    charge_efficiency=0.995,
)
LEAD_ACID = Chemistry(
    "lead_acid",
    # Nearly straight between acid densities of an empty and a full cell; gassing above full.
    (
        (-0.05, 1.70),
        (0.0, 1.93),
        (0.10, 1.96),
        (0.25, 2.00),
        (0.50, 2.04),
        (0.75, 2.08),
        (0.90, 2.11),
        (1.0, 2.13),
        (1.02, 2.35),
        (1.05, 2.60),
    ),  # fmt: skip
    hysteresis=0.010,
    charge_voltage=2.40,
    charge_efficiency=0.88,
)
LTO = Chemistry(
    "lto",
    # Titanate against NMC: gently sloping, short knees at both ends.
    (
        (-0.05, 0.80),
        (0.0, 1.80),
        (0.05, 2.05),
        (0.10, 2.13),
        (0.20, 2.20),
        (0.30, 2.24),
        (0.40, 2.27),
        (0.50, 2.31),
        (0.60, 2.36),
        (0.70, 2.41),
        (0.80, 2.47),
        (0.90, 2.54),
        (0.97, 2.61),
        (1.0, 2.70),
        (1.05, 3.00),
    ),  # fmt: skip
    hysteresis=0.004,
    charge_voltage=2.70,
    charge_efficiency=0.995,
)
SODIUM_ION = Chemistry(
    "sodium_ion",
    # Layered oxide against hard carbon: the steepest slope of all, from 1.5 V to almost 4 V.
    (
        (-0.05, 0.80),
        (0.0, 1.60),
        (0.05, 2.10),
        (0.10, 2.40),
        (0.20, 2.68),
        (0.30, 2.83),
        (0.40, 2.95),
        (0.50, 3.05),
        (0.60, 3.16),
        (0.70, 3.29),
        (0.80, 3.44),
        (0.90, 3.64),
        (1.0, 3.92),
        (1.05, 4.20),
    ),  # fmt: skip
    hysteresis=0.008,
    charge_voltage=3.95,
    charge_efficiency=0.98,
)

CHEMISTRIES = {row.name: row for row in (LIFEPO4, LI_ION, LIPO, LEAD_ACID, LTO, SODIUM_ION)}
