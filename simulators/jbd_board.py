"""What a JBD board does whether or not anybody talks to it: measure, count, protect, balance, switch."""

from dataclasses import dataclass, field

from .battery import Battery
from .jbd_balancer import Balancer
from .jbd_frames import BasicInfo, Tail, packed_temperature
from .jbd_protection import STOPS_CHARGE, STOPS_DISCHARGE, Bit, Measurement, Protections
from .jbd_registers import FUNCTION_BALANCING, FUNCTION_TENFOLD_UNITS, Register, registers_for

DEAD_BAND = 0.2
"""Currents below this, in A, are measured as 0."""
STEP = 1.0
"""The board judges its measurements at least this often, in s."""
CHARGE_FET = 1 << 0
DISCHARGE_FET = 1 << 1


@dataclass
class JbdBoard:
    """A board on a battery; it lives through `advance`."""

    battery: Battery
    capacity: float = 4.0
    """What the board is set to, in Ah; only used where no registers are given."""
    registers: dict[int, int] = field(default_factory=dict)
    """Raw words of the settings; empty means settings that fit the battery."""
    remaining_capacity: float | None = None
    """What the board believes is left, in Ah; None means full."""
    full_capacity: float | None = None
    """What the board believes it can hold, in Ah; None means the design capacity."""
    sensors: int = 3
    """Temperature sensors, the MOSFETs' first."""
    software_version: int = 0x80
    tail: bool = False
    """Newer firmware answers nine further bytes."""
    humidity: int = 0
    extra_alarms: int = 0
    """Alarm bits of the tail beside those of the protections."""
    defects: Bit = Bit(0)
    """Front-end or MOSFET failures, set by tests."""
    obey: bool = True
    """False: switches and settings are acknowledged and nothing happens."""
    lock: int = 0
    """The volatile switch lock: bit 0 holds the charge FET off, bit 1 the discharge FET."""
    protections: Protections = field(default_factory=Protections)
    balancer: Balancer = field(default_factory=Balancer)
    restarts: int = 1
    _used: float = 0.0
    """Charge taken since the last full cycle, in Ah."""

    def __post_init__(self) -> None:
        """Fill in what follows from the rest."""
        if not self.registers:
            self.registers = registers_for(len(self.battery.sensed_cell_voltages), self.capacity)
        if self.full_capacity is None:
            self.full_capacity = self.design_capacity
        if self.remaining_capacity is None:
            self.remaining_capacity = self.full_capacity
        self._switch()

    @property
    def _full(self) -> float:
        assert self.full_capacity is not None
        return self.full_capacity

    @property
    def _remaining(self) -> float:
        assert self.remaining_capacity is not None
        return self.remaining_capacity

    @property
    def _hundredths(self) -> int:
        """Steps of the wire in 1 A or 1 Ah."""
        return 10 if self.registers[Register.FUNCTION] & FUNCTION_TENFOLD_UNITS else 100

    @property
    def design_capacity(self) -> float:
        """As set in the registers, in Ah."""
        return self.registers[Register.DESIGN_CAPACITY] / self._hundredths

    @property
    def protection(self) -> Bit:
        """The protection word."""
        return self.protections.active | self.defects | (Bit.LOCK if self.lock else Bit(0))

    @property
    def charge_fet(self) -> bool:
        """The charge FET conducts."""
        return not self.lock & 1 and not self.protection & STOPS_CHARGE

    @property
    def discharge_fet(self) -> bool:
        """The discharge FET conducts."""
        return not self.lock & 2 and not self.protection & STOPS_DISCHARGE

    @property
    def balancing_enabled(self) -> bool:
        """The balancing bit of the function register."""
        return bool(self.registers[Register.FUNCTION] & FUNCTION_BALANCING)

    @property
    def balancing_cells(self) -> tuple[int, ...]:
        """Cells that bleed now, numbered from 1."""
        return self.balancer.bleeding

    @property
    def measured_current(self) -> float:
        """Current as the board sees it, in A."""
        current = self.battery.current
        return current if abs(current) >= DEAD_BAND else 0.0

    @property
    def state_of_charge(self) -> int:
        """As the board believes, in whole %."""
        return min(100, round(100 * self._remaining / self._full))

    def short_circuit(self) -> None:
        """Let the terminals touch for a moment."""
        self.protections.trip(Bit.SHORT_CIRCUIT)
        self._switch()

    def set_lock(self, lock: int) -> None:
        """Hold MOSFETs off, or release them; protections still win."""
        if self.obey:
            self.lock = lock & 3
            self._switch()

    def restart(self) -> None:
        """Come up again after a loss of power: the lock is gone, the settings are kept."""
        self.lock = 0
        self.protections.clear()
        self.restarts += 1
        self._switch()

    def advance(self, seconds: float) -> None:
        """Live through some time, battery and all."""
        if self.battery.frozen:
            return
        while seconds > 0:
            step = min(seconds, STEP)
            seconds -= step
            self.battery.advance(step)
            self._judge(step)

    def measure(self) -> Measurement:
        """One round of the converter."""
        return Measurement(
            tuple(round(voltage * 1000) for voltage in self.battery.sensed_cell_voltages),
            round(self.battery.terminal_voltage * 100),
            round(self.battery.current * self._hundredths),
            tuple(map(packed_temperature, self.battery.temperatures(self.sensors))),
        )

    def _judge(self, seconds: float) -> None:
        seen = self.measure()
        current = self.measured_current
        self._count(seen, current, seconds / 3600)
        self.protections.advance(seen, self.registers, seconds)
        self.balancer.advance(seen, current > 0, self.registers, seconds)
        self.battery.bleed(self.balancer.bleeding)
        self._switch()

    def _count(self, seen: Measurement, current: float, hours: float) -> None:
        """Count coulombs; at a full or an empty cell the count is set right."""
        remaining = min(max(self._remaining + current * hours, 0.0), self._full)
        if 0 < current < self._full / 20 and max(seen.cells) >= self.registers[Register.FULL_CELL_VOLTAGE]:
            remaining = self._full
        lowest = min(filter(None, seen.cells), default=0)
        if current < 0 and lowest <= self.registers[Register.EMPTY_CELL_VOLTAGE]:
            remaining = 0.0
        self.remaining_capacity = remaining
        self._used += max(0.0, -current * hours)
        cycle = self.registers[Register.CYCLE_CAPACITY] / self._hundredths
        if self._used >= cycle:
            self._used -= cycle
            self.registers[Register.CYCLES] += 1

    def _switch(self) -> None:
        self.battery.charge_allowed = self.charge_fet
        self.battery.discharge_allowed = self.discharge_fet

    def basic_info(self) -> BasicInfo:
        """The answer to 0x03."""
        unit = self._hundredths
        seen = self.measure()
        return BasicInfo(
            voltage=seen.voltage,
            current=round(self.measured_current * unit),
            remaining_capacity=round(self._remaining * unit),
            nominal_capacity=self.registers[Register.DESIGN_CAPACITY],
            cycles=self.registers[Register.CYCLES],
            production_date=self.registers[Register.PRODUCTION_DATE],
            balancing=sum(1 << number - 1 for number in self.balancing_cells),
            protection=self.protection,
            software_version=self.software_version,
            state_of_charge=self.state_of_charge,
            status=self.charge_fet * CHARGE_FET | self.discharge_fet * DISCHARGE_FET | (unit == 10) << 7,
            cells=len(seen.cells),
            temperatures=seen.temperatures,
            tail=self._tail() if self.tail else None,
        )

    def _tail(self) -> Tail:
        unit = self._hundredths
        voltages = self.battery.sensed_cell_voltages
        bleeding = max((voltages[number - 1] for number in self.balancing_cells), default=0.0)
        return Tail(
            alarms=self.protection & 0x3FF | self.extra_alarms,
            full_capacity=round(self._full * unit),
            remaining_capacity=round(self._remaining * unit),
            balance_current=round(bleeding / self.battery.bleed_resistance * 1000),
            humidity=self.humidity,
        )
